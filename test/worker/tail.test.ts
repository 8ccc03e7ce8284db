/** Tail sampling of what is more than a request and its answer, inside workerd. */
import {
  createExecutionContext,
  createMessageBatch,
  env,
  waitOnExecutionContext,
} from "cloudflare:test";
import { type Options, type Stats, span, stats } from "edgespan";
import { probability, tail } from "edgespan/sampling";
import { type Collector, createCollector } from "edgespan/testing";
import { instrument, traceMessage } from "edgespan/worker";
import { expect, test } from "vitest";
import { type FetchHandler, exporterOf, invoke, request, sleep } from "./invoke.ts";

const names = ({ spans }: Pick<Collector, "spans">): string[] =>
  spans()
    .map(({ name }) => name)
    .toSorted();
const keepsErrors: Options = { sampling: { tail: tail([{ errors: true }, { ratio: 0 }]) } };

test("a request whose answer was fast is slow where what it does afterwards is", async () => {
  const run = async (ms: number) => {
    const handler: FetchHandler = {
      fetch(_request, _env, ctx) {
        ctx.waitUntil(span("report", () => sleep(ms)));
        return new Response();
      },
    };
    const rules = [{ slowerThanMs: 50 }, { ratio: 0 }];
    const options = { sampling: { tail: tail(rules) } };
    const { collector } = await invoke(handler, { options });
    return names(collector);
  };
  expect([await run(70), await run(1)]).toEqual([["GET", "report"], []]);
});

test.each([
  [false, []],
  [true, ["GET", "piece 1", "piece 2", "piece 3"]],
])(
  "a stream that fails at its end (%s) is kept whole, with what had ended before",
  async (fails, kept) => {
    const collector = createCollector();
    let made = 0;
    const handler: FetchHandler = {
      fetch: () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              if (++made > 3)
                return fails ? controller.error(new Error("torn")) : controller.close();
              await span(`piece ${made}`, () => sleep(1));
              controller.enqueue(new Uint8Array(10));
            },
          }),
        ),
    };
    const worker = instrument(handler, {
      ...exporterOf(collector),
      ...keepsErrors,
      flush: { windowMs: 0 },
    });
    const ctx = createExecutionContext();
    const response = await worker.fetch(request(), {}, ctx);
    await response.text().catch(() => undefined);
    await waitOnExecutionContext(ctx);
    expect(names(collector)).toEqual(kept);
  },
);

test("of a batch, the message that failed is kept, and what was done for it, but no other", async () => {
  const collector = createCollector();
  const worker = instrument(
    {
      async queue({ messages }: MessageBatch, _env: unknown, _ctx: unknown) {
        for (const message of messages)
          await traceMessage(message, async (active) => {
            await span(`work on ${message.id}`, () => sleep(1));
            if (message.id === "m1") active.setStatus({ code: 2 });
          });
      },
    },
    { ...exporterOf(collector), ...keepsErrors },
  );
  const messages = [0, 1, 2].map((at) => ({
    id: `m${at}`,
    timestamp: new Date(0),
    attempts: 1,
    body: {
      traceparent: `00-${String(at + 1).repeat(32)}-00f067aa0ba902b7-01`,
      edgespan: 1,
      body: at,
    },
  }));
  const before = stats().sampledOut ?? 0;
  const ctx = createExecutionContext();
  await worker.queue(createMessageBatch("orders", messages), env, ctx);
  await waitOnExecutionContext(ctx);
  expect(collector.spans().map(({ name, traceId }) => [name, traceId])).toEqual([
    ["process orders", "2".repeat(32)],
    ["work on m1", "2".repeat(32)],
  ]);
  expect((stats().sampledOut ?? 0) - before).toBe(5);
});

test("two handlers of an isolate each have their own, and all that ended was exported or counted", async () => {
  const { recorded, sampledOut = 0 }: Stats = stats();
  const handler = (): FetchHandler => ({
    fetch: () => span("work", () => new Response()),
  });
  const [errors, some] = [createCollector(), createCollector()];
  const one = instrument(handler(), { ...exporterOf(errors), ...keepsErrors });
  const other = instrument(handler(), {
    ...exporterOf(some),
    sampling: { head: probability(1), tail: tail([{ ratio: 0.5 }], { explain: true }) },
  });
  const ctx = createExecutionContext();
  await Promise.all(
    Array.from({ length: 100 }, async (_, at) => (at % 2 ? one : other).fetch(request(), {}, ctx)),
  );
  await waitOnExecutionContext(ctx);
  const told = some
    .spans()
    .map(({ traceId, traceState }) => [traceId.slice(18) >= "8", traceState]);
  expect([errors.spans(), told]).toEqual([[], told.map(() => [true, "ot=th:8"])]);
  const after = stats();
  expect(after.recorded - recorded).toBe(told.length);
  expect((after.sampledOut ?? 0) - sampledOut).toBe(200 - told.length);
});
