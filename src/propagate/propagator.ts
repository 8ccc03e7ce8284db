/** The propagators that are built in, and several as one. */
import type { TextMapPropagator } from "@opentelemetry/api";
import { quietly } from "../trace/quietly.js";
import { baggagePropagator } from "./baggage.js";
import { traceContextPropagator } from "./trace-context.js";

/** The propagators that `OTEL_PROPAGATORS` may name without a further import. */
export const BUILT_IN_PROPAGATORS: Readonly<Record<string, TextMapPropagator<unknown>>> = {
  tracecontext: traceContextPropagator,
  baggage: baggagePropagator,
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
    extract(context, carrier, getter) {
      let extracted = context;
      for (const propagator of propagators)
        quietly(() => (extracted = propagator.extract(extracted, carrier, getter) ?? extracted));
      return extracted;
    },
    fields() {
      return propagators.flatMap((propagator) => quietly(() => propagator.fields()) ?? []);
    },
  };
}
