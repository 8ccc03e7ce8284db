import { createExecutionContext, createMessageBatch, env, getQueueResult } from "cloudflare:test";
import type { Options } from "edgespan";
import { type CollectedSpan, createCollector } from "edgespan/testing";
import { instrument, traceMessage } from "edgespan/worker";
import { describe, expect, it, test, vi } from "vitest";
import { collector as platform, consumed } from "../deployed.ts";
import { exporterOf, thrownBy, traced } from "../invoke.ts";

const { ORDERS, MAILS } = env as unknown as Record<string, Queue>;

type Handle = (batch: MessageBatch, env: unknown, ctx: ExecutionContext) => Promise<void> | void;
type Sent = { id: string; timestamp: Date; attempts: number; body: unknown };

const message = (body: unknown, id = "m1"): Sent => ({
  id,
  timestamp: new Date(0),
  attempts: 1,
  body,
});

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const sealed = (body: unknown, spanId = PARENT): object => ({
  traceparent: `00-${TRACE}-${spanId}-01`,
  edgespan: 1,
  body,
});

/** Has a handler consume messages; answers what the platform was told, and the spans. */
async function consume(
  queue: Handle,
  messages: Sent[],
  options: Options = {},
): Promise<{ result: object; spans: CollectedSpan[]; thrown: unknown }> {
  const collector = createCollector();
  const worker = instrument({ queue }, { ...exporterOf(collector), ...options });
  return { ...(await deliver(worker, messages)), spans: collector.spans() };
}

async function deliver(
  worker: { queue: Handle },
  messages: Sent[],
): Promise<{ result: object; thrown: unknown }> {
  const ctx = createExecutionContext();
  const batch = createMessageBatch("orders", messages);
  const thrown = await thrownBy(() => worker.queue(batch as never, env, ctx));
  return { result: await getQueueResult(batch, ctx), thrown: thrown?.thrown };
}

describe("a batch of messages", () => {
  it("has a CONSUMER span that is linked to what each message carried", async () => {
    const bodies: unknown[] = [];
    const { spans } = await consume(
      (batch) => void bodies.push(...batch.messages.map(({ body }) => body)),
      [
        message(sealed({ item: 1 })),
        message(sealed("text", "00f067aa0ba902b8"), "m2"),
        message({ item: 3 }, "m3"),
      ],
    );
    expect(bodies).toEqual([{ item: 1 }, "text", { item: 3 }]);
    expect(spans).toMatchObject([
      {
        name: "process orders",
        kind: "CONSUMER",
        parentSpanId: undefined,
        attributes: {
          "faas.trigger": "pubsub",
          "messaging.system.name": "cloudflare_queues",
          "messaging.operation.name": "process",
          "messaging.operation.type": "process",
          "messaging.destination.name": "orders",
          "messaging.batch.message_count": 3,
          "cloudflare.queue.acked_count": 3,
          "cloudflare.queue.retried_count": 0,
          "cloudflare.queue.implicit_count": 3,
        },
        links: [
          { traceId: TRACE, spanId: PARENT, attributes: { "messaging.message.id": "m1" } },
          {
            traceId: TRACE,
            spanId: "00f067aa0ba902b8",
            attributes: { "messaging.message.id": "m2" },
          },
        ],
      },
    ]);
  });

  it("of one message continues its trace", async () => {
    const { spans } = await consume(() => {}, [message(sealed(1))]);
    expect(spans).toMatchObject([{ traceId: TRACE, parentSpanId: PARENT }]);
  });

  it("is opened where tracing is off, too", async () => {
    const bodies: unknown[] = [];
    const handle: Handle = (batch) => void bodies.push(batch.messages[0]?.body);
    const { spans } = await consume(handle, [message(sealed("text"))], { disabled: true });
    expect([bodies, spans]).toEqual([["text"], []]);
  });

  it("is opened where the sender's trace was not sampled, too, and then has no span", async () => {
    const bodies: unknown[] = [];
    const unsampled = { ...sealed("text"), traceparent: `00-${TRACE}-${PARENT}-00` };
    const { spans } = await consume(
      (batch) => void bodies.push(batch.messages[0]?.body),
      [message(unsampled)],
    );
    expect([bodies, spans]).toEqual([["text"], []]);
  });

  test.each([
    ["another version", { traceparent: "00-x", edgespan: 2, body: 1 }],
    ["nothing carried", { edgespan: 1, body: 1 }],
    ["no body", { edgespan: 1, traceparent: "00-x" }],
    ["a member that is no text", { edgespan: 1, traceparent: 7, body: 1 }],
    ["a list", [1]],
    ["null", null],
  ])("that only looks like an envelope (%s) is handed on as it is", async (_what, body) => {
    const bodies: unknown[] = [];
    await consume((batch) => void bodies.push(batch.messages[0]?.body), [message(body)]);
    expect(bodies).toEqual([body]);
  });

  it("with an envelope whose context is rubbish is opened and starts a trace", async () => {
    const { spans } = await consume(() => {}, [
      message({ edgespan: 1, traceparent: "rubbish", body: 1 }),
    ]);
    expect(spans).toMatchObject([{ parentSpanId: undefined, links: [] }]);
  });
});

describe("what is decided about messages", () => {
  const three = (): Sent[] => ["a", "b", "c"].map((id) => message(id, id));
  const handlers: [string, Handle, Record<string, number>][] = [
    ["nothing", () => {}, { acked: 3, retried: 0, implicit: 3 }],
    ["one acked", ({ messages }) => messages[0]?.ack(), { acked: 3, retried: 0, implicit: 2 }],
    [
      "one retried later",
      ({ messages }) => messages[1]?.retry({ delaySeconds: 7 }),
      { acked: 2, retried: 1, implicit: 2 },
    ],
    ["all acked", (batch) => batch.ackAll(), { acked: 3, retried: 0, implicit: 0 }],
    [
      "all retried later",
      (batch) => batch.retryAll({ delaySeconds: 9 }),
      { acked: 0, retried: 3, implicit: 0 },
    ],
    [
      "one acked, then thrown",
      ({ messages }) => {
        messages[2]?.ack();
        throw new RangeError("no");
      },
      { acked: 1, retried: 2, implicit: 2 },
    ],
  ];
  test.each(handlers)(
    "(%s) is told to the platform as without tracing, and on the span",
    async (_what, handle, counts) => {
      const bare = await deliver({ queue: handle }, three());
      const { spans, result, thrown } = await consume(handle, three());
      expect([result, String(thrown)]).toEqual([bare.result, String(bare.thrown)]);
      expect(spans[0]?.attributes).toMatchObject(
        Object.fromEntries(
          Object.entries(counts).map(([name, count]) => [`cloudflare.queue.${name}_count`, count]),
        ),
      );
    },
  );
});

describe("traceMessage", () => {
  it("continues the message's trace, linked to the batch", async () => {
    const { spans } = await consume(
      async (batch) => {
        for (const one of batch.messages)
          await traceMessage(one, async (active) => void active.setAttribute("n", 1));
      },
      [message(sealed("a")), message("b", "m2")],
    );
    const batch = spans.find(
      ({ name, attributes }) => name === "process orders" && attributes["faas.trigger"],
    );
    const [first, second] = spans.filter(({ attributes }) => attributes.n === 1);
    expect(first).toMatchObject({
      kind: "CONSUMER",
      traceId: TRACE,
      parentSpanId: PARENT,
      links: [{ spanId: PARENT }, { spanId: batch?.spanId }],
      attributes: { "messaging.message.id": "m1", "cloudflare.queue.message.attempts": 1 },
    });
    expect(second).toMatchObject({ traceId: batch?.traceId, parentSpanId: batch?.spanId });
  });
});

describe("a sender", () => {
  it("has a PRODUCER span for each call", async () => {
    const { spans, root } = await traced(
      async () => {
        await MAILS?.send({ to: "secret" }, { delaySeconds: 60 });
        await MAILS?.sendBatch([
          { body: 1, delaySeconds: 60 },
          { body: 2, delaySeconds: 60 },
        ]);
      },
      { env },
    );
    const shared = {
      "cloudflare.binding.name": "MAILS",
      "cloudflare.binding.type": "Queue",
      "messaging.system.name": "cloudflare_queues",
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
      "messaging.destination.name": "MAILS",
    };
    expect(spans).toMatchObject([
      { name: "send MAILS", kind: "PRODUCER", parentSpanId: root.spanId, attributes: shared },
      { name: "send MAILS", attributes: { ...shared, "messaging.batch.message_count": 2 } },
    ]);
    expect(JSON.stringify(spans)).not.toContain("secret");
  });

  const options = { instrument: { queues: { propagate: ["ORDERS", "MAILS"] } } };
  const consumedFrom = (name: string): Promise<unknown> =>
    vi.waitUntil(() => consumed.find(({ queue }) => queue === name)?.body, { timeout: 5_000 });

  it("has its context carried beside the body where that is asked for, and the consumer opens it", async () => {
    platform.reset();
    const { spans, root } = await traced(() => ORDERS?.send({ item: 1 }), { env, options });
    expect(await consumedFrom("orders")).toEqual({ item: 1 });
    await platform.waitForSpans(1);
    expect(platform.spans()).toMatchObject([
      { name: "process orders", traceId: root.traceId, parentSpanId: spans[0]?.spanId },
    ]);
  });

  it("sends what is documented, as a consumer without edgespan sees it", async () => {
    const { spans } = await traced(
      () => MAILS?.sendBatch([{ body: "hello", contentType: "json" }]),
      { env, options },
    );
    const [span] = spans;
    expect(await consumedFrom("mails")).toEqual({
      traceparent: `00-${span?.traceId}-${span?.spanId}-03`,
      edgespan: 1,
      body: "hello",
    });
  });

  it("leaves bodies of other content types as they are", async () => {
    consumed.length = 0;
    await traced(() => MAILS?.send("plain", { contentType: "text" }), { env, options });
    expect(await consumedFrom("mails")).toBe("plain");
  });
});
