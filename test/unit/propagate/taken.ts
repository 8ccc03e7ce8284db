import {
  ROOT_CONTEXT,
  type TextMapPropagator,
  defaultTextMapGetter,
  propagation,
  trace,
} from "@opentelemetry/api";

export type Carrier = Record<string, string>;

interface Taken {
  readonly traceId?: string;
  readonly traceState: string | undefined;
  readonly baggage: (string | undefined)[][];
}

/** All that a propagator takes from a carrier. */
export function taken(propagator: TextMapPropagator<unknown>, carrier: Carrier): Taken {
  const context = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
  const { traceState, ...ids } = trace.getSpanContext(context) ?? {};
  const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
  return {
    ...ids,
    traceState: traceState?.serialize() || undefined,
    baggage: entries
      .map(([key, { value, metadata }]) => [key, value, metadata?.toString()])
      // The API's own baggage is an object, which puts keys that are numbers first.
      .toSorted(([one = ""], [other = ""]) => (one < other ? -1 : 1)),
  };
}
