/**
 * The W3C Trace Context propagator.
 * @see https://www.w3.org/TR/trace-context-2/
 */
import type { SpanContext, TextMapPropagator } from "@opentelemetry/api";
import { carrying, contextWith } from "../trace/context.js";
import { TRACING_SUPPRESSED } from "../trace/suppressed.js";
import { parseTraceState } from "../trace/trace-state.js";
import { validSpanContext } from "../trace/valid-span-context.js";

/** No version is `ff`, version `00` ends with the flags, and no id is nothing but zeros. */
const TRACEPARENT =
  /^\s*(?!ff|00.{53}-)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?\s*$/;
/** No valid `traceparent` of a version that is known or to come is longer. */
const MAX_TRACEPARENT = 512;

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
    const parent = getter.get(carrier, "traceparent")?.toString();
    if (!parent || parent.length > MAX_TRACEPARENT) return context;
    const [, traceId, spanId = "", flags = ""] = TRACEPARENT.exec(parent) ?? [];
    if (!traceId) return context;
    const state = getter.get(carrier, "tracestate");
    const traceState = state && parseTraceState(state.toString());
    const spanContext: SpanContext = {
      traceId,
      spanId,
      traceFlags: Number.parseInt(flags, 16),
      isRemote: true,
    };
    if (traceState) spanContext.traceState = traceState;
    return contextWith(context, carrying(spanContext));
  },
  fields() {
    return ["traceparent", "tracestate"];
  },
};
