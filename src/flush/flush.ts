/**
 * Step 5: when the spans of an invocation leave. On Workers they leave after the
 * response, once every open span has ended; where nothing can run after the response,
 * the response waits for them.
 */
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import { quietly } from "../trace/quietly.js";
import { type Report, printable } from "../trace/report.js";
import type { Scope } from "../trace/scope.js";
import { within } from "../trace/within.js";
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

/** How long the platform is given to send the response; with 0 ms it had not begun to. */
const AFTER_RESPONSE_MS = 10;

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
    await Promise.all([
      spans.length > 0 && deliver(spans, budgetMs),
      ...processors.map((processor) =>
        within(budgetMs, processor.forceFlush()).catch((error: unknown) =>
          report(`a span processor did not flush: ${printable(error)}`),
        ),
      ),
    ]);
  }

  function late(scope: Scope, after: AfterResponse): void {
    scope.onLate = () => {
      const { waitUntil } = after;
      if (!waitUntil) return leftovers.add(scope.take());
      const sent = send(scope, after.remainingMs(0));
      // A platform that takes no more work may still let it finish.
      quietly(() => waitUntil(sent));
    };
  }

  return {
    late,
    afterResponse(scope, after) {
      const endedAt = now();
      const leave = async (): Promise<void> => {
        // Encoding in a microtask would still come before the response.
        await new Promise((resolve) => setTimeout(resolve, AFTER_RESPONSE_MS));
        // What is still open at the cap leaves as it ends.
        await within(OPEN_SPANS_CAP_MS, scope.idle()).catch(() => undefined);
        late(scope, after);
        await send(scope, after.remainingMs(now() - endedAt));
      };
      const leaving = leave();
      // A platform that takes no work, such as a stub in an application's test, is no fault of the handler.
      quietly(() => after.waitUntil?.(leaving));
    },
    beforeResponse<R>(scope: Scope, after: AfterResponse, result: R): R {
      return Promise.resolve(result).finally(() => {
        late(scope, after);
        return send(scope, after.remainingMs(0));
      }) as R;
    },
  };
}
