/** The Workflow binding, against the platform's own local engine. */
import { env, introspectWorkflowInstance } from "cloudflare:test";
import { moreBindings } from "edgespan/bindings";
import { describe, expect, test } from "vitest";
import { runs } from "../deployed.ts";
import { thrownBy, traced } from "../invoke.ts";

const { FULFILMENTS } = env as unknown as { FULFILMENTS: Workflow };

const WITH_WORKFLOWS = { env, options: { instrument: { bindings: [moreBindings] } } };
const binding = {
  "cloudflare.binding.name": "FULFILMENTS",
  "cloudflare.binding.type": "Workflow",
};

function created(): string {
  const id = crypto.randomUUID();
  runs.set(id, async (_event, step) =>
    step.waitForEvent("approval", { type: "approved" }).then(({ payload }) => payload),
  );
  return id;
}

describe("a span of the Workflow binding", () => {
  test("is made for each call that creates, finds and steers an instance", async () => {
    const id = created();
    await using told = await introspectWorkflowInstance(FULFILMENTS, id);
    const { root, spans, value } = await traced(async () => {
      const instance = await FULFILMENTS.create({ id, params: { secret: "kept" } });
      const found = await FULFILMENTS.get(id);
      const { status } = await found.status();
      await instance.sendEvent({ type: "approved", payload: "yes" });
      return { id: instance.id, status };
    }, WITH_WORKFLOWS);
    expect(value).toEqual({ id, status: expect.stringMatching(/running|waiting/) });
    await told.waitForStatus("complete");
    expect(await told.getOutput()).toBe("yes");
    const instance = { ...binding, "cloudflare.workflow.instance.id": id };
    for (const one of spans)
      expect(one).toMatchObject({
        kind: "CLIENT",
        parentSpanId: root.spanId,
        status: { code: "UNSET" },
      });
    expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
      ["create FULFILMENTS", instance],
      ["get FULFILMENTS", instance],
      ["status FULFILMENTS", instance],
      ["sendEvent FULFILMENTS", { ...instance, "cloudflare.workflow.event.type": "approved" }],
    ]);
  });

  test("tells how many instances a batch created", async () => {
    const ids = [created(), created()];
    const { spans, value } = await traced(
      async () => FULFILMENTS.createBatch(ids.map((id) => ({ id }))),
      WITH_WORKFLOWS,
    );
    expect(value.map(({ id }) => id)).toEqual(ids);
    expect(spans).toMatchObject([
      {
        name: "createBatch FULFILMENTS",
        attributes: { ...binding, "cloudflare.workflow.instance.count": 2 },
      },
    ]);
  });

  test("is an error where the platform refuses, and the error is the platform's", async () => {
    const bare = await thrownBy(() => FULFILMENTS.get("nobody"));
    const { spans, value } = await traced(
      () => thrownBy(() => FULFILMENTS.get("nobody")),
      WITH_WORKFLOWS,
    );
    expect(value?.thrown).toBeInstanceOf(Error);
    expect(String(value?.thrown)).toBe(String(bare?.thrown));
    expect(spans).toMatchObject([
      {
        name: "get FULFILMENTS",
        status: { code: "ERROR" },
        attributes: { "cloudflare.workflow.instance.id": "nobody", "error.type": "Error" },
      },
    ]);
  });
});

test("the instances of a Workflow stay what they were, and nothing is recorded outside of an invocation", async () => {
  const id = created();
  const { value: instance, spans } = await traced(() => FULFILMENTS.create({ id }), WITH_WORKFLOWS);
  expect(spans).toHaveLength(1);
  expect(Object.getPrototypeOf(instance).constructor.name).toBe("InstanceImpl");
  expect(Object.keys(instance)).toEqual(["id", "binding"]);
  const { status } = instance;
  expect(status.name).toBe("status");
  expect(await Reflect.apply(status, instance, [])).toMatchObject({
    status: expect.stringMatching(/running|waiting|queued/),
  });
  await instance.terminate();
});
