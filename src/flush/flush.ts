/**
 * Step 5: when the spans of an invocation leave. On Workers they leave after the
 * response, once every open span has ended; where nothing can run after the response,
 * the response waits for them.
 */
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Report } from "../trace/report.js";
import type { Scope } from "../trace/scope.js";
import { createLeftovers } from "./leftovers.js";

/** Delivers finished spans within `budgetMs`; it never rejects. */
export type Deliver = (spans: readonly ReadableSpan[], budgetMs: number) => Promise<void>;

/** What the platform allows an invocation once its handler is done. */
export interface AfterResponse {
  /** Keeps the invocation alive for work after the response; missing where there is no such thing. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Milliseconds that are left for the flush, `elapsedMs` after the handler was done. */
  remainingMs(elapsedMs: number): number;
}

/** How long open spans are waited for after the response, of the 30 s that Workers allow. */
const OPEN_SPANS_CAP_MS = 20_000;

interface FlushOptions {
  deliver: Deliver;
  processors: readonly SpanProcessor[];
  now: () => number;
  report: Report;
}

export interface Flush {
  /** Sends in the background, when the last open span has ended or the cap is reached. */
  afterResponse(scope: Scope, after: AfterResponse): void;
  /** Sends what is finished and only then settles as `result` does. */
  beforeResponse<R>(scope: Scope, after: AfterResponse, result: R): R;
  /** From now on sends each span as it ends. */
  late(scope: Scope, after: AfterResponse): void;
}

export function createFlush({ deliver, processors, now, report }: FlushOptions): Flush {
  const leftovers = createLeftovers(report);

  async function send(scope: Scope, budgetMs: number): Promise<void> {
    const spans = [...leftovers.take(), ...scope.take()];
    if (spans.length > 0) await deliver(spans, budgetMs);
    await Promise.all(processors.map((processor) => processor.forceFlush())).catch(
      (error: unknown) => report(`a span processor did not flush: ${String(error)}`),
    );
  }

  function late(scope: Scope, after: AfterResponse): void {
    scope.onLate = () => {
      try {
        if (after.waitUntil) return after.waitUntil(send(scope, after.remainingMs(0)));
      } catch {
        // The platform no longer takes work for this invocation.
      }
      leftovers.add(scope.take());
    };
  }

  return {
    late,
    afterResponse(scope, after) {
      const endedAt = now();
      const leave = async (): Promise<void> => {
        await settled(scope, OPEN_SPANS_CAP_MS);
        late(scope, after);
        await send(scope, after.remainingMs(now() - endedAt));
      };
      after.waitUntil?.(leave());
    },
    beforeResponse<R>(scope: Scope, after: AfterResponse, result: R): R {
      return Promise.resolve(result).finally(() => {
        late(scope, after);
        return send(scope, after.remainingMs(0));
      }) as R;
    },
  };
}

/** Resolves when the scope has no open span, or after `capMs`. */
function settled(scope: Scope, capMs: number): Promise<void> {
  if (scope.idle) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, capMs);
    scope.whenIdle(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
