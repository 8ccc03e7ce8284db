/** What a handler decides about messages reaches the platform as it would without tracing. */
import { createExecutionContext, createMessageBatch, env, getQueueResult } from "cloudflare:test";
import { type CollectedSpan, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { collector as platform, consumed } from "../deployed.ts";
import { exporterOf, thrownBy, traced } from "../invoke.ts";

const { ORDERS } = env as unknown as { ORDERS: Queue };

type Handle = (batch: MessageBatch, env: unknown, ctx: ExecutionContext) => void;
type Step = readonly [name: string, run: (batch: MessageBatch) => void];

const STEPS: readonly Step[] = [
  ["ack a", ({ messages }) => messages[0]?.ack()],
  ["retry a", ({ messages }) => messages[0]?.retry({ delaySeconds: 7 })],
  ["ack b", ({ messages }) => messages[1]?.ack()],
  ["retry b", ({ messages }) => messages[1]?.retry()],
  ["ackAll", (batch) => batch.ackAll()],
  ["retryAll", (batch) => batch.retryAll({ delaySeconds: 9 })],
  [
    "throw",
    () => {
      throw new RangeError("thrown inside");
    },
  ],
];

/** All sequences of up to three steps; after a throw nothing more happens. */
function sequences(length = 3): Step[][] {
  if (length === 0) return [[]];
  const longer = sequences(length - 1);
  const added = longer
    .filter((steps) => steps.length === length - 1 && steps.at(-1)?.[0] !== "throw")
    .flatMap((steps) => STEPS.map((step) => steps.concat([step])));
  return [...longer, ...added];
}

type Result = Awaited<ReturnType<typeof getQueueResult>>;

async function deliver(worker: { queue: Handle }): Promise<{ result: Result; thrown: unknown }> {
  const ctx = createExecutionContext();
  const messages = ["a", "b"].map((id) => ({
    id,
    timestamp: new Date(0),
    attempts: 1,
    body: id,
  }));
  const batch = createMessageBatch("orders", messages);
  const thrown = await thrownBy(() => worker.queue(batch, env, ctx));
  return { result: await getQueueResult(batch, ctx), thrown: thrown && String(thrown.thrown) };
}

/** What the platform makes of its result, by its documentation. */
function expected({ result, thrown }: { result: Result; thrown: unknown }): unknown {
  const { explicitAcks, retryMessages, ackAll, retryBatch } = result;
  const fates = ["a", "b"].map((id) => {
    if (explicitAcks.includes(id)) return ["acked"];
    if (retryMessages.some(({ msgId }) => msgId === id)) return ["retried"];
    if (ackAll) return ["acked"];
    if (retryBatch.retry) return ["retried"];
    return [thrown ? "retried" : "acked", "implicit"];
  });
  const count = (name: string): number => fates.filter((fate) => fate.includes(name)).length;
  return {
    "cloudflare.queue.acked_count": count("acked"),
    "cloudflare.queue.retried_count": count("retried"),
    "cloudflare.queue.implicit_count": count("implicit"),
  };
}

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

it("every sequence of up to three decisions has the result that it has without tracing, and is counted", async () => {
  const all = sequences();
  const compared = all.map(async (steps) => {
    const handle: Handle = (batch) => {
      for (const [, run] of steps) run(batch);
    };
    const collector = createCollector();
    const bare = await deliver({ queue: handle });
    const ours = await deliver(
      instrument({ queue: handle }, { ...exporterOf(collector), flush: { windowMs: 0 } }),
    );
    const seen = { ...ours, counts: countsOf(collector.spans()) };
    const wanted = { ...bare, counts: expected(bare) };
    const isSame = JSON.stringify(seen) === JSON.stringify(wanted);
    return isSame ? [] : [{ steps: steps.map(([name]) => name), seen, wanted }];
  });
  expect(all.length).toBe(1 + 7 + 6 * 7 + 6 * 6 * 7);
  expect((await Promise.all(compared)).flat()).toEqual([]);
});

function countsOf([span]: CollectedSpan[]): unknown {
  const counts = Object.entries(span?.attributes ?? {}).filter(([name]) =>
    name.endsWith("d_count"),
  );
  const implicit = span?.attributes["cloudflare.queue.implicit_count"];
  return { ...Object.fromEntries(counts), "cloudflare.queue.implicit_count": implicit };
}

it("each retry that has an effect is an event, with its message and its delay", async () => {
  const collector = createCollector();
  await deliver(
    instrument(
      {
        queue(batch: MessageBatch, _env: unknown, _ctx: ExecutionContext) {
          batch.messages[0]?.retry({ delaySeconds: 7 });
          batch.messages[1]?.ack();
          batch.messages[1]?.retry({ delaySeconds: 8 });
          batch.retryAll({ delaySeconds: 9 });
        },
      },
      exporterOf(collector),
    ),
  );
  expect(collector.spans()[0]?.events).toEqual([
    {
      name: "cloudflare.queue.retry",
      attributes: { "messaging.message.id": "a", "cloudflare.queue.delay_seconds": 7 },
    },
    { name: "cloudflare.queue.retry", attributes: { "cloudflare.queue.delay_seconds": 9 } },
  ]);
});

describe("methods that are taken off their message or batch", () => {
  const calls: Handle = (batch) => {
    const [message] = batch.messages as [Message];
    const { ack, retry } = message;
    const { ackAll, retryAll } = batch;
    expect(
      [ack, retry, ackAll, retryAll].map((method) => {
        try {
          method();
          return "called";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      }),
    ).toEqual(Array.from({ length: 4 }, () => expect.stringContaining("Illegal invocation")));
    expect([ack.name, retry.name, ackAll.name, retryAll.name]).toEqual([
      "ack",
      "retry",
      "ackAll",
      "retryAll",
    ]);
    ack.call(message);
    retryAll.bind(batch)();
  };

  it("throw what they throw without tracing, and work when they are bound", async () => {
    const bare = await deliver({ queue: calls });
    const ours = await deliver(instrument({ queue: calls }, { exporter: "none" }));
    expect(bare.thrown).toBeUndefined();
    expect(ours).toEqual(bare);
    expect(ours.result).toMatchObject({ explicitAcks: ["a"], retryBatch: { retry: true } });
  });
});

it("a retry reaches the real platform: the message comes again, each time in its sender's trace", async () => {
  platform.reset();
  consumed.length = 0;
  const { root } = await traced(() => ORDERS.send("again"), {
    env,
    options: { instrument: { queues: { propagate: ["ORDERS"] } } },
  });
  await vi.waitUntil(() => consumed.length === 2, { timeout: 10_000 });
  const [first, second] = await platform.waitForSpans(2, 5_000);
  expect(consumed.map(({ body }) => body)).toEqual(["again", "again"]);
  expect(first).toMatchObject({
    traceId: root.traceId,
    attributes: { "cloudflare.queue.retried_count": 1, "cloudflare.queue.implicit_count": 0 },
    events: [
      { name: "cloudflare.queue.retry", attributes: { "cloudflare.queue.delay_seconds": 1 } },
    ],
  });
  expect(second).toMatchObject({
    traceId: root.traceId,
    attributes: { "cloudflare.queue.acked_count": 1, "cloudflare.queue.implicit_count": 1 },
  });
}, 20_000);
