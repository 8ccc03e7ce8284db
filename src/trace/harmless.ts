/** Keeps faults of the application's own samplers and processors from reaching its handler. */
import type { Sampler, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Report } from "./report.js";

const NOT_RECORD = { decision: 0 };

/** A sampler that drops where the given one throws. */
export function harmlessSampler(sampler: Sampler, report: Report): Sampler {
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      try {
        return sampler.shouldSample(context, traceId, name, kind, attributes, links);
      } catch (error) {
        report(`the sampler threw ${String(error)}, so nothing is sampled`);
        return NOT_RECORD;
      }
    },
    toString: () => sampler.toString(),
  };
}

/** A span processor that reports what the given one throws. */
export function harmlessProcessor(processor: SpanProcessor, report: Report): SpanProcessor {
  const attempt = <T>(step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      report(`a span processor threw ${String(error)}`);
      return undefined;
    }
  };
  return {
    onStart: (span, context) => attempt(() => processor.onStart(span, context)),
    onEnding: (span) => attempt(() => processor.onEnding?.(span)),
    onEnd: (span) => attempt(() => processor.onEnd(span)),
    forceFlush: async () => attempt(() => processor.forceFlush()),
    shutdown: async () => attempt(() => processor.shutdown()),
  };
}
