/**
 * Spans leave with the response: after it where the platform takes work for then, and where it
 * does not the response waits for them. What ends later waits for the next flush.
 */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { untraced } from "../trace/active.js";
import type { Scope } from "../trace/scope.js";
import {
  type AfterResponse,
  type Flush,
  type FlushOptions,
  LONGEST_FLUSH_MS,
  drain,
  take,
  withProcessors,
} from "./flush.js";

export function flushWithResponse(options: FlushOptions): Flush {
  const { sinks, maxBatchSize, now } = options;
  let kept: ReadableSpan[] = [];

  /** Keeps finished spans for the next flush. */
  function keep(scope: Scope): void {
    for (const span of take(scope)) kept.push(span);
    if (kept.length >= maxBatchSize) cut();
  }

  function cut(): void {
    const batch = kept;
    kept = [];
    if (batch.length > 0) for (const sink of sinks) sink.add(batch);
  }

  /** Who is neither patient nor impatient has no other chance. */
  async function send(budgetMs: number, patient?: boolean): Promise<unknown> {
    const deadline = now() + budgetMs;
    cut();
    return withProcessors(drain(sinks, deadline, patient), deadline, options);
  }

  /** Leaves what has ended; answers how it is sent where the platform does not take that over. */
  function leave(scope: Scope, after: AfterResponse): (() => Promise<unknown>) | undefined {
    const sendAll = (): Promise<unknown> =>
      send(Math.min(after.remainingMs(), LONGEST_FLUSH_MS), false);
    keep(scope);
    return after.leave?.(sendAll) ? undefined : sendAll;
  }

  return {
    drain: send,
    late(scope, after) {
      // Outside of the invocation, so that the export is none of its work.
      scope.onLate = () => untraced(() => void leave(scope, after));
    },
    begun(scope, after) {
      after.begun?.(scope, (budgetMs) => {
        keep(scope);
        return send(budgetMs);
      });
    },
    withResponse<R>(scope: Scope, after: AfterResponse, result: R): R {
      return Promise.resolve(result).finally(() => {
        this.late(scope, after);
        return leave(scope, after)?.();
      }) as R;
    },
  };
}
