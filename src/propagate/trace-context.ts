/**
 * The W3C Trace Context propagator.
 * @see https://www.w3.org/TR/trace-context-2/
 */
import type { SpanContext, TextMapPropagator } from "@opentelemetry/api";
import { carrying, contextWith } from "../trace/context.js";
import { TRACING_SUPPRESSED } from "../trace/suppressed.js";
import { parseTraceState } from "../trace/trace-state.js";
import { validSpanContext } from "../trace/valid-span-context.js";

/**
 * No version is `ff`, version `00` ends with the flags, no id is nothing but zeros, and what later
 * versions add is short. Parts are cut out by their places, which costs half of what a pattern
 * takes that captures them.
 */
const TRACEPARENT =
  /^(?!ff)[\da-f]{2}-(?!0+-)[\da-f]{32}-(?!0+-)[\da-f]{16}-[\da-f]{2}($|(?<!^00.*)-.{0,400}$)/;

/** `traceparent` and `tracestate`. What breaks the grammar is ignored: a new trace begins. */
export const traceContextPropagator: TextMapPropagator<unknown> = {
  inject(context, carrier, setter) {
    const spanContext = validSpanContext(context);
    if (!spanContext || context.getValue(TRACING_SUPPRESSED)) return;
    const { traceId, spanId, traceFlags, traceState } = spanContext;
    const flags = (traceFlags & 0xff).toString(16).padStart(2, "0");
    setter.set(carrier, "traceparent", `00-${traceId}-${spanId}-${flags}`);
    const state = traceState?.serialize();
    if (state) setter.set(carrier, "tracestate", state);
  },
  extract(context, carrier, getter) {
    // Repeated headers are one list: an array becomes text with commas, so that a second
    // `traceparent` makes both invalid.
    const parent = getter.get(carrier, "traceparent")?.toString().trim() ?? "";
    if (!TRACEPARENT.test(parent)) return context;
    const state = getter.get(carrier, "tracestate");
    const traceState = state && parseTraceState(state.toString());
    const spanContext: SpanContext = {
      traceId: parent.slice(3, 35),
      spanId: parent.slice(36, 52),
      traceFlags: Number.parseInt(parent.slice(53, 55), 16),
      isRemote: true,
    };
    if (traceState) spanContext.traceState = traceState;
    return contextWith(context, carrying(spanContext));
  },
  fields() {
    return ["traceparent", "tracestate"];
  },
};
