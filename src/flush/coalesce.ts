/**
 * Gathers the spans of concurrent invocations into one export. The first invocation that
 * finishes in a window becomes its leader, waits for its end and sends for all. The next two
 * wake up a little later, in case that the platform has ended the leader; all others only
 * leave their spans here and are done. A promise of one request must not be awaited in
 * another, but plain data may cross.
 */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { sleep } from "../trace/within.js";
import { type FlushOptions, drain } from "./flush.js";

type CoalesceOptions = Pick<FlushOptions, "maxBatchSize" | "now" | "sinks" | "windowMs">;

export interface Coalescer {
  /**
   * Leaves spans to be sent with those of other invocations, after the response.
   * @returns what this invocation has to stay for, until `deadline`; others see to it where nothing
   */
  leave(spans: readonly ReadableSpan[], deadline: number): Promise<unknown> | undefined;
}

/** How long the platform is given to send the response; with 0 ms it had not begun to. */
const AFTER_RESPONSE_MS = 10;
/** How much later than the leader its guards look whether it did its work. */
const GUARD_MS = 100;
/** What is left of an invocation for the export, at the end of the longest window. */
const LAST_ATTEMPT_MS = 2_000;
/** How long after its end a window has certainly been seen to, if anybody is left. */
const LOST_MS = 1_000;
/** How many invocations see to a window: its leader, and two guards. */
const WATCHERS = 3;

/** @param isPatient whether an invocation stays as long as it may while a destination fails, and not for a few attempts */
export function createCoalescer(
  { sinks, windowMs, maxBatchSize, now }: CoalesceOptions,
  isPatient: boolean,
): Coalescer {
  let pending: ReadableSpan[] = [];
  let window = 0;
  let dueAt = 0;
  let watchers = 0;

  function cut(): void {
    window++;
    watchers = 0;
    const batch = pending;
    pending = [];
    if (batch.length > 0) for (const sink of sinks) sink.add(batch);
  }

  /** Sees a window through to its end; a guard does so after the leader should have. */
  async function watch(due: number, deadline: number, isGuard: boolean): Promise<void> {
    const mine = window;
    await sleep(Math.max(AFTER_RESPONSE_MS, due - now()));
    if (window === mine) cut();
    await drain(sinks, deadline, isPatient);
    if (!isGuard) return;
    // Of an attempt that hangs on an invocation which is gone, a guard takes the spans over.
    for (let ms = GUARD_MS; now() + ms < deadline; ms *= 2) {
      if (!sinks.some(({ flights }) => [...flights].some(({ startedAt }) => startedAt <= due)))
        return;
      await sleep(ms);
      await drain(sinks, deadline, isPatient);
    }
  }

  return {
    leave(spans, deadline) {
      let isFull = pending.length + spans.length > maxBatchSize;
      if (isFull) cut();
      // A window that is long over has lost all who saw to it.
      if (pending.length === 0 || now() > dueAt + LOST_MS) {
        // In time for an attempt, whatever the window.
        dueAt = Math.min(now() + windowMs, deadline - LAST_ATTEMPT_MS);
        watchers = 0;
      }
      for (const span of spans) pending.push(span);
      if (windowMs === 0 || pending.length >= maxBatchSize) {
        isFull = true;
        cut();
      }
      // A dead backend costs an invocation nothing but this.
      if (sinks.every((sink) => sink.isPaused(deadline - now()))) {
        cut();
        return undefined;
      }
      const watched =
        pending.length > 0 && ++watchers <= WATCHERS
          ? watch(watchers === 1 ? dueAt : dueAt + GUARD_MS, deadline, watchers > 1)
          : undefined;
      if (!isFull) return watched;
      const sent = sleep(AFTER_RESPONSE_MS).then(() => drain(sinks, deadline, isPatient));
      return Promise.all([watched, sent]);
    },
  };
}
