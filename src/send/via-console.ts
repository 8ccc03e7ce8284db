/** Writes finished spans to the console, for `OTEL_TRACES_EXPORTER=console`. */
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** Writes one line of JSON per span. */
export function writeToConsole(spans: readonly ReadableSpan[]): void {
  for (const span of spans) console.log(JSON.stringify(consoleSpan(span)));
}

function consoleSpan(span: ReadableSpan): Record<string, unknown> {
  const { traceId, spanId } = span.spanContext();
  const [seconds, nanos] = span.duration;
  return {
    name: span.name,
    kind: SpanKind[span.kind],
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    durationMs: seconds * 1e3 + nanos / 1e6,
    status: SpanStatusCode[span.status.code],
    statusMessage: span.status.message,
    attributes: span.attributes,
    events: span.events.map(({ name, attributes }) => ({ name, attributes })),
    resource: span.resource.attributes,
  };
}
