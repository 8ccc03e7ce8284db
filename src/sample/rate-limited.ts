/** A head sampler with a budget of traces for each second. */
import type { Clock, HeadSampler } from "../trace/tracing.js";
import { validSpanContext } from "../trace/valid-span-context.js";
import { type SamplerOptions, drop, followed, keep } from "./consistent.js";

export interface RateLimitOptions extends SamplerOptions {
  /** How many traces may begin at once after a quiet time. Default 1: they are evenly spread. */
  burst?: number;
  /** Default `Date`. */
  clock?: Clock;
}

/**
 * Samples at most so many traces a second, in this isolate or process. Which share of all
 * traces that is nobody knows, so that no `ot=th` is told.
 *
 * @param perSecond more than 0; `0.1` is one trace in ten seconds
 * @throws RangeError where `perSecond` is not above 0, or `burst` below 1
 */
export function rateLimited(
  perSecond: number,
  { burst = 1, clock = Date, parentBased = true }: RateLimitOptions = {},
): HeadSampler {
  if (!(perSecond > 0)) throw new RangeError(`rate ${perSecond} must be above 0 in a second`);
  if (!(burst >= 1)) throw new RangeError(`burst ${burst} must be 1 or more`);
  const intervalMs = 1_000 / perSecond;
  /** From when on the next trace is within the budget. */
  let due = -Infinity;
  return {
    dropsBelow: true,
    ignoresSpan: true,
    shouldSample(context) {
      const before = followed(context, parentBased);
      if (before) return before;
      const state = validSpanContext(context)?.traceState;
      const now = clock.now();
      // No more is saved up than a burst, and a clock that was set back blocks for no longer than once.
      due = Math.min(Math.max(due, now - (burst - 1) * intervalMs), now + intervalMs);
      // Not due > now, by which a clock that tells no time would let everything pass.
      if (!(due <= now)) return drop(state);
      due += intervalMs;
      return keep(state);
    },
    toString() {
      return `rateLimited{${perSecond}}`;
    },
  };
}
