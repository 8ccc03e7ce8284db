/** A head sampler that keeps a share of all traces, the same ones in every service. */
import type { HeadSampler } from "../trace/tracing.js";
import { validSpanContext } from "../trace/valid-span-context.js";
import { type SamplerOptions, drop, followed, keep, reaches, thresholdOf } from "./consistent.js";

/**
 * Samples this share of traces by consistent probability: what a service with a lower ratio
 * keeps, one with a higher ratio keeps too, and `ot=th` in `tracestate` tells the ratio on.
 *
 * @param ratio from 0 to 1, e.g. `0.1` for every tenth trace
 * @throws RangeError where `ratio` is not from 0 to 1
 * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
export function probability(
  ratio: number,
  { parentBased = true }: SamplerOptions = {},
): HeadSampler {
  const threshold = thresholdOf(ratio);
  const kept = keep(undefined, threshold);
  return {
    dropsBelow: true,
    ignoresSpan: true,
    shouldSample(context, traceId) {
      const before = followed(context, parentBased);
      if (before) return before;
      const state = validSpanContext(context)?.traceState;
      if (!reaches(threshold, traceId, state)) return drop(state);
      return state ? keep(state, threshold) : kept;
    },
    toString() {
      return `probability{${ratio}}`;
    },
  };
}
