/** The span that a context holds, where it can be continued. */
import { type Context, type SpanContext, isSpanContextValid } from "@opentelemetry/api";
import { type Carrying, spanOf } from "./context.js";

/** The span context of `context`; `undefined` where there is none or its ids are invalid. */
export function validSpanContext(context: Context): SpanContext | undefined {
  const span: Carrying | undefined = spanOf(context);
  const spanContext = span?.spanContext();
  // A span that records was made with valid ids.
  return spanContext && (span?.isValid || span?.isRecording() || isSpanContextValid(spanContext))
    ? spanContext
    : undefined;
}
