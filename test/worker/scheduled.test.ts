import {
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from "cloudflare:test";
import { span } from "edgespan";
import { createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { expect, it } from "vitest";
import { exporterOf, thrownBy } from "./invoke.ts";

const DUE = { cron: "*/5 * * * *", scheduledTime: new Date("2026-11-25T10:00:00Z") };

it("a scheduled handler has a trace, with its cron expression and when it was due", async () => {
  const collector = createCollector();
  const given: unknown[] = [];
  const worker = instrument(
    {
      async scheduled(...args: [ScheduledController, object, ExecutionContext]) {
        given.push(this === worker, ...args);
        await span("clean.up", async () => {});
      },
    },
    exporterOf(collector),
  );
  const ctx = createExecutionContext();
  const env = {};
  const controller = createScheduledController(DUE);
  await worker.scheduled(controller, env, ctx);
  await waitOnExecutionContext(ctx);
  const [root, child] = collector.spans();
  expect(given).toEqual([true, controller, env, ctx]);
  expect(root).toMatchObject({
    name: "scheduled */5 * * * *",
    kind: "INTERNAL",
    attributes: {
      "faas.trigger": "timer",
      "faas.cron": "*/5 * * * *",
      "faas.invocation.start_time": "2026-11-25T10:00:00.000Z",
    },
    status: { code: "UNSET" },
  });
  expect(child).toMatchObject({ name: "clean.up", parentSpanId: root?.spanId });
});

it("a scheduled handler that fails throws its own error, and the span tells it", async () => {
  const collector = createCollector();
  const error = new Error("no disk");
  const worker = instrument(
    {
      scheduled(_controller: ScheduledController, _env: unknown, _ctx: ExecutionContext): void {
        throw error;
      },
      fetch: () => new Response("still here"),
    },
    exporterOf(collector),
  );
  const ctx = createExecutionContext();
  const failure = await thrownBy(() => worker.scheduled(createScheduledController(DUE), {}, ctx));
  await waitOnExecutionContext(ctx);
  expect(failure?.thrown).toBe(error);
  expect(collector.spans()).toMatchObject([{ status: { code: "ERROR", message: "no disk" } }]);
});
