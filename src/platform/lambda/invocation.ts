/** One invocation in the terms of the runtime: what of its event may be hostile fails here, quietly. */
import type { Invocation } from "../../runtime.js";
import { quietly } from "../../trace/quietly.js";
import { type LambdaContext, contextAttributes } from "./context.js";
import { type ParentPolicy, contextBeside, tellSegment, xrayHeader } from "./parent.js";
import { plainOnly } from "./plain-only.js";
import { triggerOf } from "./triggers.js";
import { other } from "./triggers/other.js";

export function invocationOf(
  event: unknown,
  context: LambdaContext,
  policy: ParentPolicy,
): Omit<Invocation<unknown>, "after"> {
  const trigger = triggerOf(event, policy.stepFunctions);
  const header = xrayHeader(context);
  return {
    event,
    trigger: {
      ...trigger,
      carrier: () => quietly(() => trigger.carrier?.(event)),
      root(_, extract) {
        const root = quietly(() => trigger.root(event, extract)) ?? other.root(event, extract);
        const ofContext = quietly(() => contextAttributes(context));
        root.attributes = { ...plainOnly(root.attributes), ...ofContext };
        return root;
      },
      recorded(span) {
        trigger.recorded?.(span, event);
        tellSegment(span, header);
      },
    },
    within(propagator) {
      const segments = policy.xray ? [header, quietly(() => trigger.xray?.(event))] : [];
      return contextBeside(propagator, context, header, segments);
    },
  };
}
