/**
 * The W3C Trace Context propagator.
 * @see https://www.w3.org/TR/trace-context-2/
 */
import { type TextMapPropagator, isSpanContextValid, trace } from "@opentelemetry/api";
import { TRACING_SUPPRESSED } from "../trace/suppressed.js";
import { parseTraceState } from "../trace/trace-state.js";
import { validSpanContext } from "../trace/valid-span-context.js";

const TRACEPARENT = /^\s*([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?\s*$/;
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
    const parent = getter.get(carrier, "traceparent")?.toString() ?? "";
    if (parent.length > MAX_TRACEPARENT) return context;
    const [, version, traceId = "", spanId = "", flags = "", more] = TRACEPARENT.exec(parent) ?? [];
    if (!version || version === "ff" || (version === "00" && more)) return context;
    const traceState = parseTraceState(getter.get(carrier, "tracestate")?.toString() ?? "");
    const spanContext = {
      traceId,
      spanId,
      traceFlags: Number.parseInt(flags, 16),
      isRemote: true,
      ...(traceState && { traceState }),
    };
    return isSpanContextValid(spanContext) ? trace.setSpanContext(context, spanContext) : context;
  },
  fields() {
    return ["traceparent", "tracestate"];
  },
};
