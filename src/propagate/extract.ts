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

/** Reads parent span context and baggage; where there are none, `within` is what goes on: a new trace. */
export function extractContext(
  propagator: TextMapPropagator<Carrier>,
  carrier: Carrier | undefined,
  within: Context = ROOT_CONTEXT,
): Context {
  return carrier ? propagator.extract(within, carrier, getter) : within;
}
