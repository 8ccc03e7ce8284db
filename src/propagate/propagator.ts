/** The propagators that are built in, and several as one. */
import type { TextMapPropagator } from "@opentelemetry/api";
import { W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { quietly } from "../trace/quietly.js";

/** The propagators that `OTEL_PROPAGATORS` may name without a further import. */
export const BUILT_IN_PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
};

/** Runs several propagators as one; a fault of one is dropped, the others still run. */
export function compositePropagator(
  propagators: readonly TextMapPropagator<unknown>[],
): TextMapPropagator<unknown> {
  return {
    inject(context, carrier, setter) {
      for (const propagator of propagators)
        quietly(() => propagator.inject(context, carrier, setter));
    },
    extract: (context, carrier, getter) =>
      propagators.reduce(
        (extracted, propagator) =>
          quietly(() => propagator.extract(extracted, carrier, getter)) ?? extracted,
        context,
      ),
    fields: () => propagators.flatMap((propagator) => propagator.fields()),
  };
}
