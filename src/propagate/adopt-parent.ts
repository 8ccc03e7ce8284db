/**
 * The parent that another format than W3C's names, as a span of this package can continue it: with
 * ids in lower case, which `traceparent` and OTLP demand, and without loss of what is known.
 */
import { type Context, trace } from "@opentelemetry/api";

/**
 * The context that a propagator has extracted. Where it names the span that was read before it, as
 * of a caller that writes several formats, that is kept: `traceparent` tells more of it than others,
 * the random flag and `tracestate`.
 */
export function adoptParent(before: Context, extracted: Context): Context {
  const known = trace.getSpanContext(before);
  const parent = trace.getSpanContext(extracted);
  if (!parent || parent === known) return extracted;
  const traceId = parent.traceId.toLowerCase();
  const spanId = parent.spanId.toLowerCase();
  const isKnown = known?.traceId === traceId && known.spanId === spanId;
  return trace.setSpanContext(extracted, isKnown ? known : { ...parent, traceId, spanId });
}
