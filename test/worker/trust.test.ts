import {
  createExecutionContext,
  createMessageBatch,
  env,
  waitOnExecutionContext,
} from "cloudflare:test";
import { context, propagation, trace } from "@opentelemetry/api";
import type { Options } from "edgespan";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { type CollectedSpan, createCollector } from "edgespan/testing";
import { instrument, traceMessage } from "edgespan/worker";
import { afterEach, expect, inject, test, vi } from "vitest";
import { exporterOf, invoke, request } from "./invoke.ts";
import { outcomeOf, sentHeader } from "./outcome.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";
const fields = {
  traceparent: `00-${TRACE}-${CALLER}-01`,
  tracestate: "vendor=1",
  baggage: "user=7",
};
const unsampled = { ...fields, traceparent: `00-${TRACE}-${CALLER}-00` };
const NEW_TRACE: unknown = { asymmetricMatch: (id: unknown) => id !== TRACE };
const LINK = { traceId: TRACE, spanId: CALLER, attributes: {} };

afterEach(() => vi.restoreAllMocks());

async function asked(trust: Options["trust"] | undefined, headers: Record<string, string>) {
  const seen: unknown[] = [];
  const handler = {
    async fetch() {
      seen.push(propagation.getBaggage(context.active())?.getAllEntries() ?? []);
      const outcome = await outcomeOf(() => fetch(inject("echo")));
      for (const name of ["traceparent", "tracestate", "baggage"])
        seen.push("echo" in outcome && sentHeader(outcome, name));
      return new Response();
    },
  };
  const options = { ...(trust && { trust }) };
  const { spans } = await invoke(handler, { request: request("/", { headers }), options });
  return { root: spans.find(({ kind }) => kind === "SERVER"), seen };
}

const isOurs = (sent: Request): boolean => sent.headers.get("x-from") === "us";

test.each<[string, Options["trust"] | undefined, Record<string, string>]>([
  ["by default", undefined, fields],
  ["with all", "all", fields],
  ["with a function that answers true", isOurs, { ...fields, "x-from": "us" }],
])("a caller is trusted %s", async (_, trust, headers) => {
  const { root, seen } = await asked(trust, headers);
  expect(root).toMatchObject({
    traceId: TRACE,
    parentSpanId: CALLER,
    traceState: "vendor=1",
    links: [],
  });
  expect(seen).toEqual([
    [["user", { value: "7" }]],
    expect.stringMatching(`^00-${TRACE}-[0-9a-f]{16}-01$`),
    "vendor=1",
    "user=7",
  ]);
});

test.each<[string, Options["trust"]]>([
  ["none", "none"],
  ["a function that answers false", isOurs],
  ["a function that answers what is not true", (() => "yes") as never],
  ["a function that throws", () => raise()],
  ["a function that answers later", (async () => true) as never],
  ["a function that fails later", (async () => raise()) as never],
])(
  "a caller whom nobody trusts cannot join or force a trace, nor send baggage or state on: %s",
  async (_, trust) => {
    vi.spyOn(console, "warn").mockReturnValue();
    for (const headers of [fields, unsampled]) {
      const { root, seen } = await asked(trust, headers);
      expect(root).toMatchObject({
        traceId: NEW_TRACE,
        parentSpanId: undefined,
        traceState: undefined,
        links: [LINK],
      });
      expect(seen).toEqual([
        [],
        expect.stringMatching(`^00-${root?.traceId}-[0-9a-f]{16}-03$`),
        undefined,
        undefined,
      ]);
    }
  },
);

test("the link to who is not trusted holds nothing but ids", async () => {
  const links: unknown[] = [];
  const processor = {
    onStart: (started: ReadableSpan) => void links.push(...started.links),
    onEnd() {},
    async forceFlush() {},
    async shutdown() {},
  };
  await invoke(
    { fetch: () => new Response() },
    {
      request: request("/", { headers: fields }),
      options: { trust: "none", spanProcessors: [processor] },
    },
  );
  const ids = { traceId: TRACE, spanId: CALLER, traceFlags: 1, isRemote: true };
  expect(links).toEqual([
    { attributes: {}, context: { ...ids, traceState: undefined }, droppedAttributesCount: 0 },
  ]);
});

test("what a rule throws is told without its text, which may quote the request", async () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  await asked(() => raise(), fields);
  expect(warn.mock.calls).toEqual([["edgespan: trust failed"]]);
});

test("a caller that sends no context is not asked about", async () => {
  const trust = vi.fn<() => boolean>(() => true);
  const { root } = await asked(trust, { tracestate: "vendor=1" });
  expect(trust).not.toHaveBeenCalled();
  expect(root).toMatchObject({ parentSpanId: undefined, links: [] });
});

test("baggage alone is no more trusted, and there is nothing to link to", async () => {
  const { root, seen } = await asked("none", { baggage: "user=7" });
  expect(root).toMatchObject({ parentSpanId: undefined, links: [] });
  expect(seen).toMatchObject([[], expect.any(String), undefined, undefined]);
});

async function consumed(trust: NonNullable<Options["trust"]>, bodies: readonly unknown[]) {
  const collector = createCollector();
  const worker = instrument(
    {
      async queue({ messages }: MessageBatch, _env: unknown, _ctx: ExecutionContext) {
        for (const message of messages)
          await traceMessage(message, async () => {
            trace.getActiveSpan()?.setAttribute("user", userOf() ?? "nobody");
          });
      },
    },
    { ...exporterOf(collector), trust },
  );
  const ctx = createExecutionContext();
  const messages = bodies.map((body, index) => ({
    id: `m${index}`,
    timestamp: new Date(0),
    attempts: 1,
    body,
  }));
  await worker.queue(createMessageBatch("orders", messages), env, ctx);
  await waitOnExecutionContext(ctx);
  return collector.spans();
}

const sealed = (body: string): object => ({ ...fields, edgespan: 1, body });
const linksOf = (active: CollectedSpan | undefined): unknown => active?.links;

test("a message that nobody trusts starts no trace of its sender's, alone and in a batch", async () => {
  const [batch, one] = await consumed("none", [sealed("a")]);
  expect(batch).toMatchObject({ traceId: NEW_TRACE, parentSpanId: undefined });
  expect(linksOf(batch)).toEqual([{ ...LINK, attributes: { "messaging.message.id": "m0" } }]);
  expect(one).toMatchObject({
    traceId: batch?.traceId,
    parentSpanId: batch?.spanId,
    links: [LINK],
    attributes: { user: "nobody" },
  });
  const several = await consumed("none", [sealed("a"), sealed("b")]);
  expect(several.map(({ traceId }) => traceId)).toEqual(
    Array(3).fill(several[0]?.traceId) as string[],
  );
  expect(several.slice(1).map(linksOf)).toEqual([[LINK], [LINK]]);
});

test("a message that is trusted is continued", async () => {
  const isMessage = (event: { id?: string }): boolean => event.id !== "m1";
  const spans = await consumed(isMessage, [sealed("a"), sealed("b")]);
  expect(spans.map(({ traceId }) => traceId === TRACE)).toEqual([false, true, false]);
  expect(spans.map(({ attributes }) => attributes["user"])).toEqual([undefined, "7", "nobody"]);
});

function userOf(): string | undefined {
  return propagation.getBaggage(context.active())?.getEntry("user")?.value;
}

function raise(): never {
  throw new Error("hunter2");
}
