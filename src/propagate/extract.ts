/** Step 1: the caller's context, read from the trigger's carrier. */
import {
  type Context,
  ROOT_CONTEXT,
  type TextMapGetter,
  type TextMapPropagator,
} from "@opentelemetry/api";
import type { Carrier } from "../trace/trigger.js";

const getter: TextMapGetter<Carrier> = {
  get(carrier, name) {
    return carrier.get(name) ?? undefined;
  },
  keys(carrier) {
    return [...carrier.keys()];
  },
};

/** Reads parent span context and baggage; without a carrier a new trace begins. */
export function extractContext(
  propagator: TextMapPropagator<Carrier>,
  carrier: Carrier | undefined,
): Context {
  return carrier ? propagator.extract(ROOT_CONTEXT, carrier, getter) : ROOT_CONTEXT;
}
