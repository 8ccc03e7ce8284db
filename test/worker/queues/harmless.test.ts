/** What the application sends and gets is the same with and without tracing, on the real platform. */
import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import { env as imported } from "cloudflare:workers";
import type { Options } from "edgespan";
import { instrument } from "edgespan/worker";
import { createCollector } from "edgespan/testing";
import { describe, expect, it, test, vi } from "vitest";
import { consumed } from "../deployed.ts";
import { exporterOf, traced } from "../invoke.ts";

const { MAILS } = env as unknown as { MAILS: Queue };
const options: Options = { instrument: { queues: { propagate: ["MAILS"] } } };

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const sealed = (body: unknown): object => ({ traceparent: TRACEPARENT, edgespan: 1, body });

/** What a call answers or throws, save the figures of the backlog, which change. */
async function outcome(call: () => unknown): Promise<unknown> {
  let isSync = true;
  try {
    const result = call();
    isSync = false;
    return { keys: Object.keys((await result) as object), isPromise: result instanceof Promise };
  } catch (error) {
    return { isSync, error: String(error), class: (error as object).constructor.name };
  }
}

const anything = MAILS as unknown as Record<"send" | "sendBatch", (...args: unknown[]) => unknown>;
const CALLS: [string, () => unknown][] = [
  ["send", () => MAILS.send("x")],
  ["send of nothing", () => anything.send()],
  ["send of undefined", () => anything.send(undefined)],
  ["send of a bigint", () => anything.send(1n)],
  ["send of an unknown content type", () => anything.send("x", { contentType: "zip" })],
  ["send of the content type null", () => anything.send("x", { contentType: null })],
  ["send of text that is none", () => anything.send({}, { contentType: "text" })],
  ["send of a function by v8", () => anything.send(() => 1, { contentType: "v8" })],
  ["send of options that are null", () => anything.send("x", null)],
  ["send off its queue", () => Reflect.apply(anything.send, undefined, ["x"])],
  ["send on another object", () => Reflect.apply(anything.send, {}, ["x"])],
  ["send that is bound", () => anything.send.bind(MAILS)("x")],
  ["sendBatch", () => MAILS.sendBatch([{ body: 1 }], { delaySeconds: 0 })],
  ["sendBatch of nothing", () => anything.sendBatch()],
  ["sendBatch of an empty list", () => anything.sendBatch([])],
  ["sendBatch of no list", () => anything.sendBatch(5)],
  ["sendBatch of text", () => anything.sendBatch("ab")],
  ["sendBatch of no objects", () => anything.sendBatch([1])],
  ["sendBatch of a message without a body", () => anything.sendBatch([{}])],
  ["sendBatch of a Set", () => anything.sendBatch(new Set([{ body: 1 }]))],
  [
    "sendBatch of an iterable that throws",
    () =>
      anything.sendBatch(
        (function* () {
          yield { body: 1 };
          throw new RangeError("no more");
        })(),
      ),
  ],
  [
    "sendBatch of a getter that throws",
    () =>
      anything.sendBatch([
        {
          get body() {
            throw new RangeError("no body");
          },
        },
      ]),
  ],
];

describe("a sender's call answers and throws as it does outside of an invocation", () => {
  test.each(CALLS)("%s", async (_what, call) => {
    const bare = await outcome(call);
    expect((await traced(() => outcome(call), { env })).value).toEqual(bare);
    expect((await traced(() => outcome(call), { env, options })).value).toEqual(bare);
  });
});

it("the binding stays the object that it was, and its methods keep their names", async () => {
  await traced(() => {}, { env, options });
  expect((imported as unknown as { MAILS: Queue }).MAILS).toBe(MAILS);
  expect([MAILS.send.name, MAILS.sendBatch.name, MAILS.metrics.name]).toEqual([
    "send",
    "sendBatch",
    "metrics",
  ]);
  expect(MAILS.constructor.name).toBe("WorkerQueue");
});

it("a refused send is recorded as an error on its span", async () => {
  const { spans } = await traced(() => outcome(() => anything.send(undefined)), { env });
  expect(spans).toMatchObject([
    { name: "send MAILS", status: { code: "ERROR" }, attributes: { "error.type": "TypeError" } },
  ]);
});

it("the size of a body is told where it is known without encoding it", async () => {
  const { spans } = await traced(
    () => MAILS.send(new Uint8Array(7), { contentType: "bytes", delaySeconds: 60 }),
    { env },
  );
  expect(spans[0]?.attributes["messaging.message.body.size"]).toBe(7);
});

/** Sends, and answers what a consumer without edgespan got. */
async function received(send: () => unknown, count: number, chosen: Options): Promise<unknown[]> {
  consumed.length = 0;
  await traced(send, { env, options: chosen });
  await vi.waitUntil(() => consumed.length >= count, { timeout: 5_000 });
  return consumed.map(({ body }) => body);
}

/** Takes the body out of an envelope, as the documentation says. */
const bodyOf = (message: unknown): unknown => {
  const { edgespan, traceparent, body } = (message ?? {}) as Record<string, unknown>;
  return edgespan === 1 && traceparent !== TRACEPARENT ? body : message;
};

describe("what is sent arrives whole, as the consumer's message or as the envelope's body", () => {
  const map = new Map([["a", new Date(5)]]);
  class Row {
    #body = "of a class";
    get body(): string {
      return this.#body;
    }
    get contentType(): string {
      return "json";
    }
  }
  const SENDS: [string, () => unknown, unknown[]][] = [
    ["null", () => MAILS.send(null), [null]],
    ["a list", () => MAILS.send([1, [2]]), [[1, [2]]]],
    ["a Date, which JSON makes text", () => MAILS.send(new Date(5)), [new Date(5).toJSON()]],
    ["a Map by v8", () => MAILS.send(map, { contentType: "v8" }), [map]],
    [
      "a content type in capitals",
      () => MAILS.send({ a: 1 }, { contentType: "JSON" as "json" }),
      [{ a: 1 }],
    ],
    ["what looks like an envelope", () => MAILS.send(sealed(1)), [sealed(1)]],
    [
      "a batch of several content types",
      () =>
        MAILS.sendBatch([
          { body: 1 },
          { body: map, contentType: "v8" },
          { body: "text", contentType: "text" },
        ]),
      [1, map, "text"],
    ],
    [
      "an iterable that can be read once",
      () =>
        MAILS.sendBatch(
          (function* () {
            yield { body: "a" };
            yield { body: "b" };
          })(),
        ),
      ["a", "b"],
    ],
    ["messages with getters", () => MAILS.sendBatch([new Row() as never]), ["of a class"]],
  ];
  test.each(SENDS)("%s", async (_what, send, bodies) => {
    expect(await received(send, bodies.length, {})).toEqual(bodies);
    const messages = await received(send, bodies.length, options);
    expect(messages.map(bodyOf)).toEqual(bodies);
    const isText = (index: number): boolean => bodies[index] === "text";
    expect(messages.map((message) => message === bodyOf(message))).toEqual(
      bodies.map((_body, index) => isText(index)),
    );
  });

  it("in no envelope where nothing is propagated, or outside of an invocation", async () => {
    expect(await received(() => MAILS.send({ a: 1 }), 1, { ...options, propagators: [] })).toEqual([
      { a: 1 },
    ]);
    consumed.length = 0;
    await MAILS.send({ b: 1 });
    await vi.waitUntil(() => consumed.length >= 1, { timeout: 5_000 });
    expect(consumed[0]?.body).toEqual({ b: 1 });
  });

  it("in an envelope also where the trace is not sampled, which the envelope says", async () => {
    const sampler = { shouldSample: () => ({ decision: 0 }), toString: () => "none" };
    const collector = createCollector();
    const worker = instrument(
      {
        async fetch(_request: Request, _env: unknown, _ctx: ExecutionContext) {
          await MAILS.send("unsampled");
          return new Response();
        },
      },
      { ...exporterOf(collector), ...options, sampling: { head: sampler } },
    );
    consumed.length = 0;
    const ctx = createExecutionContext();
    await worker.fetch(new Request("http://worker.test/"), env, ctx);
    await waitOnExecutionContext(ctx);
    await vi.waitUntil(() => consumed.length >= 1, { timeout: 5_000 });
    expect(consumed[0]?.body).toEqual({
      traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-02$/),
      edgespan: 1,
      body: "unsampled",
    });
    expect(collector.spans()).toEqual([]);
  });
});
