/** Workflows in workerd, run by the platform's own local engine. */
import { NonRetryableError } from "cloudflare:workflows";
import type { WorkflowStep, WorkflowEvent } from "cloudflare:workers";
import { env, introspectWorkflowInstance } from "cloudflare:test";
import { span } from "edgespan";
import { moreBindings } from "edgespan/bindings";
import type { CollectedSpan } from "edgespan/testing";
import { instrumentWorkflow } from "edgespan/worker";
import { describe, expect, test, vi } from "vitest";
import { collector, runs } from "./deployed.ts";
import { sleep, thrownBy, traced } from "./invoke.ts";

const { FULFILMENTS } = env as unknown as { FULFILMENTS: Workflow };
const RETRIES = { retries: { limit: 2, delay: 1 } } as const;

type Run = (step: WorkflowStep, event: WorkflowEvent<unknown>) => Promise<unknown>;

interface Ran {
  id: string;
  instance: WorkflowInstance;
  output: unknown;
  spans: CollectedSpan[];
}

/** The spans of an instance, by their trace or its creator's. */
const PROPAGATING = {
  bindings: [moreBindings],
  workflows: { propagate: ["FULFILMENTS"] },
};

const spansOf = (traceId: string | undefined): CollectedSpan[] =>
  collector.spans().filter((one) => one.traceId === traceId);

const traceOf = (id: string): string | undefined =>
  collector.spans().find(({ attributes }) => attributes["cloudflare.workflow.instance.id"] === id)
    ?.traceId;

async function run(
  work: Run,
  params?: unknown,
  status: "complete" | "errored" = "complete",
  isSampled = true,
): Promise<Ran> {
  const id = crypto.randomUUID();
  runs.set(id, (event, step) => work(step, event));
  await using told = await introspectWorkflowInstance(FULFILMENTS, id);
  const instance = await FULFILMENTS.create({ id, params });
  await told.waitForStatus(status);
  const output = status === "complete" ? await told.getOutput() : await told.getError();
  if (isSampled)
    await vi.waitUntil(() => spansOf(traceOf(id)).some(({ name }) => name === "run fulfilments"));
  return { id, instance, output, spans: spansOf(traceOf(id)) };
}

describe("a run", () => {
  test("is a span, with one below it for each step and what the step does", async () => {
    const { id, output, spans } = await run(async (step) => {
      const price = await step.do("price", async () => span("look up", () => 3));
      return step.do("charge", RETRIES, async () => price * 2);
    });
    expect(output).toBe(6);
    const root = spans.find(({ name }) => name === "run fulfilments");
    expect(root).toMatchObject({
      kind: "INTERNAL",
      parentSpanId: undefined,
      status: { code: "UNSET" },
      attributes: {
        "faas.trigger": "other",
        "cloudflare.workflow.name": "fulfilments",
        "cloudflare.workflow.instance.id": id,
      },
    });
    const price = spans.find(({ name }) => name === "step.do price");
    expect(price).toMatchObject({
      kind: "INTERNAL",
      parentSpanId: root?.spanId,
      attributes: {
        "cloudflare.workflow.step.name": "price",
        "cloudflare.workflow.step.count": 1,
        "cloudflare.workflow.step.attempt": 1,
        "cloudflare.workflow.step.retries.limit": 5,
      },
    });
    expect(spans.find(({ name }) => name === "look up")?.parentSpanId).toBe(price?.spanId);
    expect(spans.find(({ name }) => name === "step.do charge")?.attributes).toMatchObject({
      "cloudflare.workflow.step.retries.limit": 2,
    });
    expect(spans).toHaveLength(4);
  });

  test("has a span for each attempt of a step, of which those that fail say so", async () => {
    const attempts: number[] = [];
    const { output, spans } = await run((step) =>
      step.do("flaky", RETRIES, async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new RangeError(`no ${attempt}`);
        return "at last";
      }),
    );
    expect([output, attempts]).toEqual(["at last", [1, 2, 3]]);
    expect(
      spans
        .filter(({ name }) => name === "step.do flaky")
        .map(({ attributes, status }) => [
          attributes["cloudflare.workflow.step.attempt"],
          attributes["error.type"],
          status,
        ]),
    ).toEqual([
      [1, "RangeError", { code: "ERROR", message: "no 1" }],
      [2, "RangeError", { code: "ERROR", message: "no 2" }],
      [3, undefined, { code: "UNSET", message: undefined }],
    ]);
  });

  test("is an error where a step fails for good, with the platform's error", async () => {
    const { output, spans } = await run(
      (step) => step.do("hopeless", async () => Promise.reject(new NonRetryableError("never"))),
      undefined,
      "errored",
    );
    expect(output).toMatchObject({
      message: expect.stringContaining("a step threw an NonRetryableError"),
    });
    expect(spans.map(({ name, status }) => [name, status.code])).toEqual(
      expect.arrayContaining([
        ["step.do hopeless", "ERROR"],
        ["run fulfilments", "ERROR"],
      ]),
    );
    expect(spans).toHaveLength(2);
  });

  test("has a span for what it slept and for the event that it waited for", async () => {
    const id = crypto.randomUUID();
    runs.set(id, async (_event, step) => {
      await step.sleep("nap", 120);
      await step.sleepUntil("dawn", new Date(Date.now() + 120));
      const { payload } = await step.waitForEvent<{ by: string }>("approval", { type: "approved" });
      return payload.by;
    });
    await using told = await introspectWorkflowInstance(FULFILMENTS, id);
    const instance = await FULFILMENTS.create({ id });
    await sleep(600);
    await instance.sendEvent({ type: "approved", payload: { by: "ann" } });
    await told.waitForStatus("complete");
    expect(await told.getOutput()).toBe("ann");
    await vi.waitUntil(() => spansOf(traceOf(id)).length === 4);
    const spans = spansOf(traceOf(id));
    const root = spans.find(({ name }) => name === "run fulfilments");
    const waits = spans.filter((one) => one !== root);
    expect(waits.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual(
      ["step.sleep nap", "step.sleepUntil dawn", "step.waitForEvent approval"].map((name) => [
        name,
        root?.spanId,
      ]),
    );
    expect(waits[2]?.attributes).toEqual({
      "cloudflare.workflow.step.name": "approval",
      "cloudflare.workflow.event.type": "approved",
    });
    expect(waits[0]?.durationMs).toBeGreaterThan(100);
  });

  test("has no span for a sleep that is skipped", async () => {
    const id = crypto.randomUUID();
    runs.set(id, async (_event, step) => step.sleep("month", "30 days"));
    await using told = await introspectWorkflowInstance(FULFILMENTS, id);
    await told.modify((modifier) => modifier.disableSleeps());
    await FULFILMENTS.create({ id });
    await told.waitForStatus("complete");
    await vi.waitUntil(() => spansOf(traceOf(id)).length > 0);
    expect(spansOf(traceOf(id)).map(({ name }) => name)).toEqual(["run fulfilments"]);
  });
});

describe("the trace of an instance", () => {
  test("is one for all runs, and a step that is stored is no second span", async () => {
    const id = crypto.randomUUID();
    const calls: string[] = [];
    runs.set(id, async (_event, step) => {
      await step.do("first", async () => void calls.push("first"));
      await step.do("second", async () => void calls.push("second"));
    });
    await using told = await introspectWorkflowInstance(FULFILMENTS, id);
    const instance = await FULFILMENTS.create({ id });
    await told.waitForStatus("complete");
    await vi.waitUntil(() => spansOf(traceOf(id)).length === 3);
    const restart = (instance as unknown as { restart(options: object): Promise<void> }).restart;
    await Reflect.apply(restart, instance, [{ from: { name: "second" } }]);
    await vi.waitUntil(() => calls.length === 3);
    expect(calls).toEqual(["first", "second", "second"]);
    await vi.waitUntil(() => spansOf(traceOf(id)).length === 5);
    const spans = spansOf(traceOf(id));
    expect(spans.map(({ name }) => name).toSorted()).toEqual([
      "run fulfilments",
      "run fulfilments",
      "step.do first",
      "step.do second",
      "step.do second",
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(5);
  });

  test("follows from the names, and differs from other instances'", async () => {
    const ids = [await run(async () => 1), await run(async () => 1)].map(({ id }) => traceOf(id));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  test("continues that of a traceparent among the parameters", async () => {
    const traceparent = "00-11112222333344445555666677778888-aaaabbbbccccdddd-01";
    const { spans } = await run(async () => 1, { traceparent });
    expect(spans).toMatchObject([
      { traceId: "11112222333344445555666677778888", parentSpanId: "aaaabbbbccccdddd" },
    ]);
  });

  test.each([{ params: { order: 7 } }, { params: undefined }, { params: "text" }, { params: [1] }])(
    "continues its creator's where that propagates, and runs with its own parameters: $params",
    async ({ params }) => {
      const given = new Map<string, unknown>();
      const create = async (): Promise<string> => {
        const id = crypto.randomUUID();
        runs.set(id, async (event) => given.set(id, [event.payload, Object.keys(event)]));
        await FULFILMENTS.create({ id, ...(params !== undefined && { params }) });
        return id;
      };
      const bare = await create();
      const {
        root,
        spans,
        value: id,
      } = await traced(create, { env, options: { instrument: PROPAGATING } });
      await vi.waitUntil(() => given.size === 2);
      expect(given.get(id)).toEqual(given.get(bare));
      await vi.waitUntil(() => traceOf(id) !== undefined);
      const ran = spansOf(root.traceId).find(({ name }) => name === "run fulfilments");
      expect([traceOf(id), ran?.parentSpanId]).toEqual([root.traceId, spans[0]?.spanId]);
    },
  );

  test("is one for the instances that a batch creates, too", async () => {
    const ids = [crypto.randomUUID(), crypto.randomUUID()];
    for (const id of ids) runs.set(id, async ({ payload }) => payload);
    const { root } = await traced(
      () => FULFILMENTS.createBatch(ids.map((id, params) => ({ id, params }))),
      { env, options: { instrument: PROPAGATING } },
    );
    await vi.waitUntil(() => ids.every((id) => traceOf(id) !== undefined));
    expect(ids.map(traceOf)).toEqual([root.traceId, root.traceId]);
  });

  test("arrives as the steps end, so that an instance which is ended loses none of them", async () => {
    const id = crypto.randomUUID();
    runs.set(id, async (_event, step) => {
      await step.do("done", async () => 1);
      await step.sleep("long", "1 hour");
    });
    const instance = await FULFILMENTS.create({ id });
    const mine = () =>
      collector
        .spans()
        .filter(({ attributes }) => attributes["cloudflare.workflow.step.name"] === "done");
    await vi.waitUntil(() => mine().length === 1);
    await instance.terminate();
    expect(mine()).toHaveLength(1);
  });
});

test("a run that is not sampled records nothing and runs its steps all the same", async () => {
  const recording: unknown[] = [];
  const { output } = await run(
    async (step) => {
      const answer = await step.do("quiet", async () =>
        span("inner", (active) => active.isRecording()),
      );
      recording.push(answer);
      return "ran";
    },
    { traceparent: "00-99992222333344445555666677778888-aaaabbbbccccdddd-00" },
    "complete",
    false,
  );
  expect([output, recording]).toEqual(["ran", [false]]);
  await sleep(200);
  expect(spansOf("99992222333344445555666677778888")).toEqual([]);
});

test("a run that hands on what a step answers lasts as long as the step", async () => {
  const { output, spans } = await run((step) =>
    step.do("all", async () => sleep(50).then(() => 9)),
  );
  expect(output).toBe(9);
  const root = spans.find(({ name }) => name === "run fulfilments");
  expect(root?.durationMs).toBeGreaterThan(40);
});

describe("a step", () => {
  test("answers what it answers untraced, by whichever way it is called", async () => {
    const { output } = await run(async (step) => {
      const kinds: unknown[] = [];
      const promise = step.do("promise", async () => ({ deep: 1 }));
      kinds.push(Object.prototype.toString.call(promise), await promise);
      const { do: taken } = step;
      kinds.push(await taken("taken", async () => 2));
      kinds.push(await Reflect.apply(step.do, step, ["applied", async () => 3]));
      kinds.push(typeof step, Object.keys(step).join());
      const failed = await thrownBy(() =>
        step.do("fails", { retries: { limit: 0, delay: 0 } }, async () => {
          throw new RangeError("as thrown");
        }),
      );
      kinds.push(failed?.thrown instanceof RangeError, String(failed?.thrown));
      for (const wrong of [
        () => step.sleepUntil("past", 1),
        () => (step as unknown as { nope(): unknown }).nope(),
      ])
        kinds.push(String((await thrownBy(wrong))?.thrown));
      return kinds;
    });
    expect(output).toEqual([
      "[object JsRpcPromise]",
      { deep: 1 },
      2,
      3,
      "function",
      "",
      true,
      "RangeError: as thrown",
      "Error: You can't sleep until a time in the past, time-traveler",
      'TypeError: The RPC receiver does not implement the method "nope".',
    ]);
  });

  test("of an application's own stub keeps its methods", async () => {
    const own = {
      do: vi.fn<(name: string, work: () => unknown) => unknown>((_name, work) => work()),
    };
    const kept = own.do;
    const Traced = instrumentWorkflow(
      class {
        ctx: unknown;
        constructor(ctx: unknown, _env: unknown) {
          this.ctx = ctx;
        }
        run(_event: unknown, step: typeof own): unknown {
          return step.do("x", () => 7);
        }
      },
      { exporter: "none" },
    );
    expect(Traced.name).toBe("");
    const made = new Traced({ waitUntil() {} }, {});
    expect(made.run({ workflowName: "w", instanceId: "i" }, own)).toBe(7);
    expect(own.do).toBe(kept);
    expect(own.do).toHaveBeenCalledOnce();
  });
});

test("runs the rollback of a step in a span too", async () => {
  const rolled: unknown[] = [];
  const { spans } = await run(
    async (step) => {
      const rollback = {
        rollback: async ({ output }: { output: unknown }) => void rolled.push(output),
      };
      await step.do("book", async () => "seat 1", rollback);
      throw new NonRetryableError("no");
    },
    undefined,
    "errored",
  );
  expect(rolled).toEqual(["seat 1"]);
  await vi.waitUntil(() =>
    collector
      .spans()
      .some(({ name, traceId }) => name === "step.rollback book" && traceId === spans[0]?.traceId),
  );
});
