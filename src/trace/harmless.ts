/** Keeps faults of what the application brings to its tracing from reaching its handler. */
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { NOT_RECORD } from "./enums.js";
import { type Report, printable } from "./report.js";
import { isThenable } from "./settle.js";
import type { HeadSampler, Processors } from "./tracing.js";

/** A sampler that drops where the given one throws. */
export function harmlessSampler(sampler: HeadSampler, report: Report): HeadSampler {
  return {
    dropsBelow: sampler.dropsBelow,
    ignoresSpan: sampler.ignoresSpan,
    shouldSample(...span) {
      try {
        const result = sampler.shouldSample(...span);
        if (typeof result?.decision === "number") return result;
        throw new TypeError("no decision was returned");
      } catch (error) {
        report(`the sampler threw ${printable(error)}, so nothing is sampled`);
        return { decision: NOT_RECORD };
      }
    },
    toString() {
      return sampler.toString();
    },
  };
}

/** The application's processors as one, which never throws; it reports what they throw. */
export function harmlessProcessors(
  processors: readonly SpanProcessor[],
  report: Report,
): Processors | undefined {
  if (processors.length === 0) return undefined;
  const each = (step: (processor: SpanProcessor) => void): void => {
    for (const processor of processors)
      try {
        step(processor);
      } catch (error) {
        report(`a span processor threw ${printable(error)}`);
      }
  };
  return {
    onStart(span, context) {
      each((processor) => processor.onStart(span, context));
    },
    onEnding(span) {
      each((processor) => processor.onEnding?.(span));
    },
    onEnd(span) {
      each((processor) => processor.onEnd(span));
    },
  };
}

/**
 * What a rule of the application answered; undefined where it threw, or would answer later than
 * it is asked. Nothing of what it threw is told: its text may quote what it was given.
 */
export function attempt<T>(what: string, rule: () => T, report: Report): T | undefined {
  try {
    const answer = rule();
    if (!isThenable(answer)) return answer;
    answer.then(undefined, () => undefined);
  } catch {}
  report(`${what} failed`);
  return undefined;
}
