/** Both ways in which spans leave, over one destination that writes down what reaches it. */
import { ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { flushAfterResponse } from "../../../src/flush/after-response.ts";
import { flushWithResponse } from "../../../src/flush/with-response.ts";
import type { AfterResponse, Flush, Sink } from "../../../src/flush/flush.ts";
import type { Scope } from "../../../src/trace/scope.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { createFakeExecutionContext } from "../../../src/testing/contexts.ts";
import { names } from "../tracing.ts";

export function open(scope: Scope, name: string): Span {
  return startSpan(scope, OWN, name, {}, ROOT_CONTEXT);
}

interface Setting {
  processors?: SpanProcessor[];
  drain?: () => Promise<void>;
  maxWaitMs?: number;
}

/** The log holds, for each time that something was sent, the spans and the deadline. */
export function flushWith({ processors = [], drain, maxWaitMs = 25_000 }: Setting = {}): {
  flush: Required<Flush>;
  log: unknown[];
  reports: string[];
} {
  const log: unknown[] = [];
  const reports: string[] = [];
  const waiting: string[] = [];
  const sink: Sink = {
    add(batch) {
      for (const name of names(batch)) waiting.push(name);
    },
    async drain(deadline, patient) {
      const sent = waiting.splice(0).join();
      if (sent) log.push([sent, deadline, patient]);
      await drain?.();
    },
    isPaused: () => false,
    flights: new Set(),
  };
  const now = (): number => 1_000;
  const report = (problem: string): void => void reports.push(problem);
  const shared = { sinks: [sink], windowMs: 0, maxBatchSize: 512, now };
  const options = { ...shared, processors, maxWaitMs, report };
  const [onWorkers, onLambda] = [flushAfterResponse(options, true), flushWithResponse(options)];
  const flush: Required<Flush> = {
    late: (...of) => onWorkers.late(...of),
    afterResponse: (...of) => onWorkers.afterResponse!(...of),
    withResponse: (...of) => onLambda.withResponse!(...of),
    begun: (...of) => onLambda.begun!(...of),
    drain: (budgetMs) => onLambda.drain!(budgetMs),
  };
  return { flush, log, reports };
}

/** A platform without waitUntil, which has 700 ms left. */
export const LAMBDA: AfterResponse = { remainingMs: () => 700 };

export function worker(): {
  after: AfterResponse;
  ctx: ReturnType<typeof createFakeExecutionContext>;
} {
  const ctx = createFakeExecutionContext();
  return {
    ctx,
    after: { waitUntil: (work) => ctx.waitUntil(work), remainingMs: () => 29_000 },
  };
}

/** Work beside the spans, as that which a handler hands to `waitUntil`. */
export function track(scope: Scope, work: Promise<unknown>): void {
  scope.open++;
  const settled = (): void => scope.settled();
  work.then(settled, settled);
}
