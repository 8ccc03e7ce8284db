/** Spans leave before the response, which waits for them: where nothing can run after it. */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Scope } from "../trace/scope.js";
import {
  type Flush,
  type FlushOptions,
  LONGEST_FLUSH_MS,
  drain,
  take,
  withProcessors,
} from "./flush.js";

export function flushBeforeResponse(options: FlushOptions): Flush {
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

  return {
    late(scope) {
      scope.onLate = () => keep(scope);
    },
    beforeResponse<R>(scope: Scope, after: { remainingMs(): number }, result: R): R {
      return Promise.resolve(result).finally(() => {
        this.late(scope, after);
        const deadline = now() + Math.min(after.remainingMs(), LONGEST_FLUSH_MS);
        keep(scope);
        cut();
        return withProcessors(drain(sinks, deadline, false), deadline, options);
      }) as R;
    },
  };
}
