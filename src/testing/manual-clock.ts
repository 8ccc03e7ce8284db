/** A clock that stands still until it is told to move. */
import type { Clock } from "../trace/tracing.js";

export interface ManualClock extends Clock {
  /** Moves the clock forward by milliseconds. */
  advance(ms: number): void;
}

/** Creates a clock for the `clock` option. @param startMs milliseconds since the epoch */
export function createManualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}
