/** A head sampler that chooses among others by what an invocation is. */
import type { HeadSampler } from "../trace/tracing.js";
import { validSpanContext } from "../trace/valid-span-context.js";
import { type Conditions, compile } from "./conditions.js";
import { type SamplerOptions, followed, keep } from "./consistent.js";

export interface SamplingRule extends Conditions {
  /** Decides where all conditions are true: one of these samplers, further rules, or any of the SDK. */
  sampler: HeadSampler;
}

/**
 * Samples by the first rule that matches; where none does, everything. A sampler that a rule
 * names is asked as if it stood alone: that `probability` in it follows callers is its own option.
 *
 * @example
 * ```ts
 * rules([
 *   { route: "/health", sampler: never },
 *   { trigger: "pubsub", sampler: rateLimited(10) },
 *   { sampler: probability(0.1) },
 * ]);
 * ```
 */
export function rules(
  list: readonly SamplingRule[],
  { parentBased = true }: SamplerOptions = {},
): HeadSampler {
  const choices = list.map((rule) => ({ ...compile(rule), sampler: rule.sampler }));
  return {
    dropsBelow: true,
    shouldSample(context, traceId, name, kind, attributes, links, resource) {
      const before = followed(context, parentBased);
      if (before) return before;
      for (const choice of choices)
        if (choice.root(attributes, resource) && choice.attributes(attributes))
          return choice.sampler.shouldSample(
            context,
            traceId,
            name,
            kind,
            attributes,
            links,
            resource,
          );
      return keep(validSpanContext(context)?.traceState, "0");
    },
  };
}
