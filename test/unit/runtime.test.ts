import { context, propagation, trace } from "@opentelemetry/api";
import { expect, it, test, vi } from "vitest";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { Options } from "../../src/config/options.ts";
import { flushWithResponse } from "../../src/flush/with-response.ts";
import { createRuntime } from "../../src/runtime.ts";
import { never } from "../../src/sample/always.ts";
import { probability } from "../../src/sample/probability.ts";
import { rules } from "../../src/sample/rules.ts";
import { activeContext } from "../../src/trace/active.ts";
import { KIND_INTERNAL } from "../../src/trace/enums.ts";
import type { HeadSampler } from "../../src/trace/tracing.ts";
import type { Trigger } from "../../src/trace/trigger.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const carrier = new Map([
  ["traceparent", `00-${TRACE}-b7ad6b7169203331-01`],
  ["baggage", "user=ada"],
]);

/** Which trace and which user an invocation sees whose trigger has context. */
async function seenWith(trigger: Partial<Trigger<unknown>>, options: Options): Promise<unknown> {
  const config = resolveConfig({ exporter: "none", ...options }, () => undefined);
  const runtime = createRuntime(config, options, {
    resource: {},
    outlets: { transport: () => async () => ({ status: "delivered" }), print() {} },
    createFlush: flushWithResponse,
  });
  const whole: Trigger<unknown> = {
    carrier: () => carrier,
    root: () => ({ name: "root", kind: KIND_INTERNAL, attributes: {} }),
    ...trigger,
  };
  const invocation = { trigger: whole, event: {}, after: { remainingMs: () => 1_000 } };
  return runtime.invoke(invocation, async () => [
    trace.getSpanContext(activeContext())?.traceId === TRACE,
    propagation.getBaggage(activeContext())?.getEntry("user")?.value,
  ]);
}

test.each<[string, Partial<Trigger<unknown>>, unknown]>([
  ["of a caller is not continued where nobody is trusted", {}, [false, undefined]],
  ["that this package wrote for itself is continued", { isOwnContext: true }, [true, "ada"]],
])("context %s", async (_, trigger, expected) => {
  expect(await seenWith(trigger, { trust: "none" })).toEqual(expected);
});

it("nobody is asked about context that this package wrote for itself", async () => {
  const trust = vi.fn<() => boolean>(() => false);
  await seenWith({ isOwnContext: true }, { trust });
  expect(trust).not.toHaveBeenCalled();
});

it("an invocation leaves nothing active behind", async () => {
  await seenWith({}, {});
  expect(trace.getSpan(context.active())).toBeUndefined();
});

test.each<[string, HeadSampler, number]>([
  ["nothing is read that is dropped by its trace alone", probability(0), 0],
  ["what is kept by its trace alone is read once", probability(1), 1],
  ["what a rule looks at is read", rules([{ trigger: "http", sampler: never }]), 1],
])("of an invocation %s", async (_, head, times) => {
  const root = vi.fn<Trigger<unknown>["root"]>(() => ({
    name: "root",
    kind: KIND_INTERNAL,
    attributes: { "faas.trigger": "http" },
  }));
  await seenWith({ root, carrier: () => undefined }, { sampling: { head } });
  expect(root).toHaveBeenCalledTimes(times);
});
