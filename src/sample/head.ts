/** Step 3: the head samplers that `OTEL_TRACES_SAMPLER` names. */
import { NOT_RECORD, RECORD_AND_SAMPLED, SAMPLED_FLAG } from "../trace/enums.js";
import type { HeadSampler } from "../trace/tracing.js";
import { validSpanContext } from "../trace/valid-span-context.js";

/**
 * The names, each with the share of traces that it samples where no parent decides;
 * `undefined` stands for `OTEL_TRACES_SAMPLER_ARG`.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
 */
export const HEAD_SAMPLERS: Readonly<Record<string, number | undefined>> = {
  always_on: 1,
  always_off: 0,
  traceidratio: undefined,
  parentbased_always_on: 1,
  parentbased_always_off: 0,
  parentbased_traceidratio: undefined,
};

/**
 * Creates the sampler of that name. The ones that are parent-based follow the parent's
 * sampled flag; the ratio samples the same traces as the SDK's sampler of the same ratio.
 */
export function createHeadSampler(name: string, ratio: number): HeadSampler {
  const share = HEAD_SAMPLERS[name] ?? ratio;
  const bound = Math.floor(share * (2 ** 32 - 1));
  const followsParent = name.startsWith("parentbased");
  return {
    dropsBelow: true,
    ignoresSpan: true,
    shouldSample(context, traceId) {
      const parent = followsParent && validSpanContext(context);
      const sampled = parent
        ? parent.traceFlags & SAMPLED_FLAG
        : share === 1 || fold(traceId) < bound;
      return { decision: sampled ? RECORD_AND_SAMPLED : NOT_RECORD };
    },
    toString() {
      return `${name}{${share}}`;
    },
  };
}

/** The four words of a trace id as one, from 0 to 2³² − 1. */
function fold(traceId: string): number {
  let folded = 0;
  for (let at = 0; at < 32; at += 8) folded ^= Number.parseInt(traceId.slice(at, at + 8), 16);
  return folded >>> 0;
}
