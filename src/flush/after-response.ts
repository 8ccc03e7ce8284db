/**
 * Spans leave after the response, once every open span and the handler's own `waitUntil` work
 * have ended, together with those of other invocations.
 */
import { untraced } from "../trace/active.js";
import { quietly } from "../trace/quietly.js";
import type { Scope } from "../trace/scope.js";
import { counters } from "../trace/stats.js";
import { within } from "../trace/within.js";
import { createCoalescer } from "./coalesce.js";
import {
  type AfterResponse,
  type Flush,
  type FlushOptions,
  take,
  withProcessors,
} from "./flush.js";

/** @param isPatient whether an invocation stays for a destination that fails as long as it may */
export function flushAfterResponse(options: FlushOptions, isPatient: boolean): Flush {
  const { maxWaitMs, now, report } = options;
  const coalescer = createCoalescer(options, isPatient);

  /** Hands the finished spans over, and stays for them where it has to. */
  function leave(scope: Scope, deadline: number): Promise<unknown> | undefined {
    const spans = take(scope);
    const sent = spans.length > 0 ? coalescer.leave(spans, deadline) : undefined;
    return withProcessors(sent, deadline, options);
  }

  return {
    late(scope, after) {
      // Outside of the invocation, so that the export is none of its work.
      scope.onLate = () => untraced(() => stay(after, leave(scope, now() + after.remainingMs())));
    },
    afterResponse(scope, after) {
      const deadline = now() + after.remainingMs();
      const done = (): Promise<unknown> | undefined => {
        this.late(scope, after);
        return leave(scope, deadline);
      };
      if (!scope.open) return stay(after, done());
      const idle = within(
        maxWaitMs,
        new Promise<void>((resolve) => (scope.onIdle = resolve)),
      ).catch(() => {
        // At the cap, what is open is ended.
        const open = scope.truncate();
        counters.truncated += open;
        if (open > 0) report(`${open} spans had not ended in time and were cut short`);
      });
      stay(after, idle.then(done));
    },
  };
}

/** A platform that takes no work, such as a stub in an application's test, is no fault of the handler. */
function stay({ waitUntil }: AfterResponse, work: Promise<unknown> | undefined): void {
  if (work) quietly(() => waitUntil?.(work));
}
