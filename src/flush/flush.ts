/**
 * Step 5: when the spans of an invocation leave. A platform has one of two ways, under `waitUntil`
 * or with the response; here is what they share.
 */
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import { type Report, printable } from "../trace/report.js";
import type { Scope } from "../trace/scope.js";
import { counters } from "../trace/stats.js";
import { within } from "../trace/within.js";

/** Where batches go. */
export interface Sink {
  add(batch: readonly ReadableSpan[]): void;
  /** Sends what waits, until `deadline`; who says nothing of patience has the last chance. */
  drain(deadline: number, patient?: boolean): Promise<void>;
  isPaused(withinMs: number): boolean;
  /** The attempts that are under way, by when they began. */
  readonly flights: ReadonlySet<{ readonly startedAt: number }>;
}

/** What the platform allows an invocation once its handler is done. */
export interface AfterResponse {
  /** Keeps the invocation alive for work after the response; missing where there is no such thing. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /**
   * Where there is no `waitUntil`: takes what is to be done once the response has left, or answers
   * nothing or `false` where nothing runs then.
   */
  readonly leave?: (send: () => Promise<unknown>) => boolean | undefined;
  /** Hears of an invocation that is recorded, when it begins; `send` sends what has ended by then. */
  readonly begun?: (scope: Scope, send: (budgetMs: number) => Promise<unknown>) => void;
  /** Milliseconds that are left for the flush once the handler is done. */
  remainingMs(): number;
}

export interface FlushOptions {
  sinks: readonly Sink[];
  processors: readonly SpanProcessor[];
  /** How long spans wait for those of other invocations; 0 for an export each. */
  windowMs: number;
  maxBatchSize: number;
  /** How long open spans and the handler's own work are waited for. */
  maxWaitMs: number;
  now: () => number;
  report: Report;
}

/** A way in which spans leave; what it does not do is missing. */
export interface Flush {
  /** From now on takes each span as it ends: to be sent soon, or where nothing can run, with the next flush. */
  late(scope: Scope, after: AfterResponse): void;
  /** Sends in the background, when all has ended or the cap is reached. */
  afterResponse?(scope: Scope, after: AfterResponse): void;
  /** An invocation that is recorded begins. */
  begun?(scope: Scope, after: AfterResponse): void;
  /** Leaves what is finished to the platform, or sends it and only then settles as `result` does. */
  withResponse?<R>(scope: Scope, after: AfterResponse, result: R): R;
  /** Sends all that waits, as the last chance. */
  drain?(budgetMs: number): Promise<unknown>;
}

/** How long a response waits for a flush, and any flush for a processor. */
export const LONGEST_FLUSH_MS = 10_000;

/** The finished spans of an invocation, counted. */
export function take(scope: Scope): readonly ReadableSpan[] {
  const spans = scope.take();
  counters.recorded += spans.length;
  return spans;
}

/** Sends what waits in all sinks, each on its own. */
export async function drain(
  sinks: readonly Sink[],
  deadline: number,
  patient?: boolean,
): Promise<void> {
  await Promise.all(sinks.map((sink) => sink.drain(deadline, patient)));
}

/** What an invocation has to stay for: what is sent, if anything, and the application's processors. */
export function withProcessors(
  sent: Promise<unknown> | undefined,
  deadline: number,
  { processors, now, report }: FlushOptions,
): Promise<unknown> | undefined {
  if (processors.length === 0) return sent;
  const flushed = processors.map(async (processor) => {
    try {
      await within(Math.min(deadline - now(), LONGEST_FLUSH_MS), processor.forceFlush());
    } catch (error) {
      report(`a span processor did not flush: ${printable(error)}`);
    }
  });
  return Promise.all([sent, ...flushed]);
}
