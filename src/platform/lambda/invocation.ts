/** One invocation in the terms of the runtime: what of its event may be hostile fails here, quietly. */
import type { AfterResponse } from "../../flush/flush.js";
import type { Invocation } from "../../runtime.js";
import { quietly } from "../../trace/quietly.js";
import { type LambdaContext, contextAttributes } from "./context.js";
import { type ParentPolicy, contextBeside, tellSegment } from "./parent.js";
import { plainOnly } from "./plain-only.js";
import { triggerOf } from "./triggers.js";
import { other } from "./triggers/other.js";

export function invocationOf(
  event: unknown,
  context: LambdaContext,
  policy: ParentPolicy,
  after: AfterResponse,
): Invocation<unknown> {
  const trigger = triggerOf(event, policy.stepFunctions);
  return {
    event,
    after,
    trigger: {
      carrier: () => quietly(() => trigger.carrier?.(event)),
      root(_, extract) {
        const root = quietly(() => trigger.root(event, extract)) ?? other.root(event, extract);
        const ofContext = quietly(() => contextAttributes(context));
        root.attributes = { ...plainOnly(root.attributes), ...ofContext };
        return root;
      },
      recorded(span) {
        trigger.recorded?.(span, event);
        tellSegment(span, context);
      },
      result: trigger.result,
      settled: trigger.settled,
    },
    within: (propagator) => contextBeside(propagator, context, policy, () => trigger.xray?.(event)),
  };
}
