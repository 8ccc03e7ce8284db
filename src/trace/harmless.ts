/** Keeps faults of what the application brings to its tracing from reaching its handler. */
import type { SamplingResult, SpanProcessor } from "@opentelemetry/sdk-trace";
import { NOT_RECORD } from "./enums.js";
import type { Report } from "./report.js";
import { isThenable } from "./settle.js";
import type { HeadSampler, Processors } from "./tracing.js";

/** A sampler that drops where the given one fails, and in all else is that. */
export function harmlessSampler(sampler: HeadSampler, report: Report): HeadSampler {
  const shouldSample: HeadSampler["shouldSample"] = (...span) => {
    const decide = (): SamplingResult => {
      const result = sampler.shouldSample(...span);
      if (typeof result.decision === "number" || isThenable(result)) return result;
      throw new TypeError();
    };
    return attempt("the sampler", decide, report) ?? { decision: NOT_RECORD };
  };
  return Object.create(sampler, { shouldSample: { value: shouldSample } }) as HeadSampler;
}

/** The application's processors as one, which never throws; it reports that they fail, now or later. */
export function harmlessProcessors(
  processors: readonly SpanProcessor[],
  report: Report,
): Processors | undefined {
  if (processors.length === 0) return undefined;
  const failed = (): void => report("a span processor failed");
  const tell =
    (name: keyof Processors) =>
    (...args: never[]): void => {
      for (const processor of processors)
        try {
          const answer: unknown = processor[name]?.(...(args as [never, never]));
          if (isThenable(answer)) answer.then(undefined, failed);
        } catch {
          failed();
        }
    };
  return { onStart: tell("onStart"), onEnding: tell("onEnding"), onEnd: tell("onEnd") };
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
