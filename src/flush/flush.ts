/**
 * Step 5: when the spans of an invocation leave. On Workers they leave after the response,
 * once every open span and the handler's own `waitUntil` work have ended; where nothing can
 * run after the response, the response waits for them.
 */
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { untraced } from "../trace/active.js";
import { quietly } from "../trace/quietly.js";
import { type Report, printable } from "../trace/report.js";
import type { Scope } from "../trace/scope.js";
import { counters } from "../trace/stats.js";
import { within } from "../trace/within.js";
import type { Coalescer } from "./coalesce.js";

/** What the platform allows an invocation once its handler is done. */
export interface AfterResponse {
  /** Keeps the invocation alive for work after the response; missing where there is no such thing. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Milliseconds that are left for the flush once the handler is done. */
  remainingMs(): number;
}

/** How long a response waits for a flush, and any flush for a processor. */
const LONGEST_FLUSH_MS = 10_000;

interface FlushOptions {
  coalescer: Coalescer;
  processors: readonly SpanProcessor[];
  /** How long open spans and the handler's own work are waited for. */
  maxWaitMs: number;
  now: () => number;
  report: Report;
}

export interface Flush {
  /** Sends in the background, when all has ended or the cap is reached. */
  afterResponse(scope: Scope, after: AfterResponse): void;
  /** Sends what is finished and only then settles as `result` does. */
  beforeResponse<R>(scope: Scope, after: AfterResponse, result: R): R;
  /** From now on takes each span as it ends: to be sent soon, or where nothing can run, with the next flush. */
  late(scope: Scope, after: AfterResponse): void;
}

export function createFlush({
  coalescer,
  processors,
  maxWaitMs,
  now,
  report,
}: FlushOptions): Flush {
  /** What an invocation has to stay for; nothing where others send its spans. */
  function withProcessors(
    sent: Promise<unknown> | undefined,
    deadline: number,
  ): Promise<unknown> | undefined {
    if (processors.length === 0) return sent;
    const flushed = processors.map((processor) =>
      within(Math.min(deadline - now(), LONGEST_FLUSH_MS), processor.forceFlush()).catch(
        (error: unknown) => report(`a span processor did not flush: ${printable(error)}`),
      ),
    );
    return Promise.all([sent, ...flushed]);
  }

  /** Hands the finished spans over, and stays for them where it has to. */
  function leave(scope: Scope, deadline: number): Promise<unknown> | undefined {
    const spans = take(scope);
    return withProcessors(
      spans.length > 0 ? coalescer.leave(spans, deadline) : undefined,
      deadline,
    );
  }

  function late(scope: Scope, after: AfterResponse): void {
    // Outside of the invocation, so that the export is none of its work.
    scope.onLate = () =>
      untraced(() => {
        if (after.waitUntil) stay(after, leave(scope, now() + after.remainingMs()));
        else coalescer.keep(take(scope));
      });
  }

  return {
    late,
    afterResponse(scope, after) {
      const deadline = now() + after.remainingMs();
      const done = (): Promise<unknown> | undefined => {
        late(scope, after);
        return leave(scope, deadline);
      };
      if (scope.isIdle) return stay(after, done());
      const idle = within(maxWaitMs, scope.idle()).catch(() => truncate(scope, report));
      stay(after, idle.then(done));
    },
    beforeResponse<R>(scope: Scope, after: AfterResponse, result: R): R {
      return Promise.resolve(result).finally(() => {
        late(scope, after);
        const deadline = now() + Math.min(after.remainingMs(), LONGEST_FLUSH_MS);
        coalescer.keep(take(scope));
        return withProcessors(coalescer.flush(deadline), deadline);
      }) as R;
    },
  };
}

/** Ends what is open at the cap. */
function truncate(scope: Scope, report: Report): void {
  const open = scope.truncate();
  counters.truncated += open;
  if (open > 0) report(`${open} spans had not ended in time and were cut short`);
}

function take(scope: Scope): ReturnType<Scope["take"]> {
  const spans = scope.take();
  counters.recorded += spans.length;
  return spans;
}

/** A platform that takes no work, such as a stub in an application's test, is no fault of the handler. */
function stay({ waitUntil }: AfterResponse, work: Promise<unknown> | undefined): void {
  if (work) quietly(() => waitUntil?.(work));
}
