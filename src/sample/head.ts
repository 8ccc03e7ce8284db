/** Step 3: the head samplers that `OTEL_TRACES_SAMPLER` names. */
import { isSpanContextValid, trace } from "@opentelemetry/api";
import { type Sampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";

const DROP = { decision: 0 };
const SAMPLE = { decision: 2 };

function always(name: string, decision: { decision: number }): Sampler {
  return { shouldSample: () => decision, toString: () => name };
}

/** Follows the parent's sampled flag; where there is no parent `root` decides. */
function parentBased(root: Sampler): Sampler {
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      const parent = trace.getSpanContext(context);
      if (!parent || !isSpanContextValid(parent))
        return root.shouldSample(context, traceId, name, kind, attributes, links);
      return parent.traceFlags & 1 ? SAMPLE : DROP;
    },
    toString: () => `ParentBased{root=${root.toString()}}`,
  };
}

const alwaysOn = always("AlwaysOnSampler", SAMPLE);
const alwaysOff = always("AlwaysOffSampler", DROP);

/**
 * Sampler names and what builds them from `OTEL_TRACES_SAMPLER_ARG`.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
 */
export const HEAD_SAMPLERS: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => alwaysOn,
  always_off: () => alwaysOff,
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => parentBased(alwaysOn),
  parentbased_always_off: () => parentBased(alwaysOff),
  parentbased_traceidratio: (ratio) => parentBased(new TraceIdRatioBasedSampler(ratio)),
};
