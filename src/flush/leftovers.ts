/** Spans that ended when their invocation could no longer send them: they leave with the next one. */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Report } from "../trace/report.js";

const MOST = 2048;

export interface Leftovers {
  add(spans: readonly ReadableSpan[]): void;
  take(): ReadableSpan[];
}

/** Creates a queue of at most 2,048 spans; what does not fit is counted and reported. */
export function createLeftovers(report: Report): Leftovers {
  let waiting: ReadableSpan[] = [];
  return {
    add(spans) {
      const room = MOST - waiting.length;
      waiting.push(...spans.slice(0, room));
      if (spans.length > room) report(`${spans.length - room} late spans were dropped`);
    },
    take() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}
