import {
  createExecutionContext,
  createMessageBatch,
  env,
  waitOnExecutionContext,
} from "cloudflare:test";
import { context, propagation, trace } from "@opentelemetry/api";
import { type CollectedSpan, createCollector } from "edgespan/testing";
import { instrument, traceMessage } from "edgespan/worker";
import { expect, it } from "vitest";
import { exporterOf, thrownBy } from "../invoke.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const sealed = (body: unknown, flags = "01"): object => ({
  traceparent: `00-${TRACE}-${PARENT}-${flags}`,
  baggage: `of=${String(body)}`,
  edgespan: 1,
  body,
});

/** Has a handler consume messages; answers the spans in the order of their start, and what was thrown. */
async function consume(
  bodies: unknown[],
  handle: (batch: MessageBatch) => unknown,
): Promise<{ spans: CollectedSpan[]; thrown: unknown }> {
  const collector = createCollector();
  const worker = instrument(
    { queue: (batch: MessageBatch, _env: unknown, _ctx: ExecutionContext) => handle(batch) },
    exporterOf(collector),
  );
  const ctx = createExecutionContext();
  const messages = bodies.map((body, index) => ({
    id: `m${index}`,
    timestamp: new Date(0),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch("orders", messages);
  const thrown = await thrownBy(() => worker.queue(batch, env, ctx));
  await waitOnExecutionContext(ctx);
  return { spans: collector.spans(), thrown: thrown?.thrown };
}

it("runs each message with its span active, under its own baggage and sampling decision", async () => {
  const seen: unknown[] = [];
  const { spans } = await consume([sealed("a"), sealed("b", "00")], async ({ messages }) => {
    for (const message of messages)
      await traceMessage(message, async (active) => {
        await Promise.resolve();
        seen.push([
          trace.getActiveSpan()?.spanContext() === active.spanContext(),
          propagation.getBaggage(context.active())?.getEntry("of")?.value,
          active.isRecording(),
        ]);
      });
  });
  expect(seen).toEqual([
    [true, "a", true],
    [true, "b", false],
  ]);
  expect(spans.map(({ attributes }) => attributes["messaging.message.id"])).toEqual([
    undefined,
    "m0",
  ]);
});

it("is a child of the batch that continues the message's trace already, and is linked to the sender", async () => {
  const { spans } = await consume([sealed("a")], ({ messages }) =>
    traceMessage(messages[0] as Message, () => {}),
  );
  const [batch, one] = spans;
  expect([batch?.traceId, batch?.parentSpanId]).toEqual([TRACE, PARENT]);
  expect(one).toMatchObject({
    name: "process orders",
    kind: "CONSUMER",
    traceId: TRACE,
    parentSpanId: batch?.spanId,
    links: [{ traceId: TRACE, spanId: PARENT }],
    attributes: {
      "messaging.system.name": "cloudflare_queues",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": "orders",
      "messaging.message.id": "m0",
      "cloudflare.queue.message.attempts": 1,
    },
  });
});

it("returns what its function returns, and throws the error that it throws", async () => {
  const error = new RangeError("from within");
  const answer = {};
  const { spans, thrown } = await consume([1], ({ messages }) => {
    const [message] = messages as [Message];
    expect(traceMessage(message, () => answer)).toBe(answer);
    traceMessage(message, () => {
      throw error;
    });
  });
  expect(thrown).toBe(error);
  expect(spans.map(({ status }) => status.code)).toEqual(["ERROR", "UNSET", "ERROR"]);
});

it("only runs its function outside of an invocation", () => {
  expect(traceMessage({ id: "1" }, (active) => active.isRecording())).toBe(false);
});

it("says what it needs where it is given no function", () => {
  expect(() => traceMessage({ id: "1" }, undefined as never)).toThrow(
    "traceMessage(message, fn) needs a function as its last argument",
  );
});
