/** Keeps faults of the application's own samplers and processors from reaching its handler. */
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { NOT_RECORD } from "./enums.js";
import { type Report, printable } from "./report.js";
import type { HeadSampler, Processors } from "./tracing.js";

/** A sampler that drops where the given one throws. */
export function harmlessSampler(sampler: HeadSampler, report: Report): HeadSampler {
  return {
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
