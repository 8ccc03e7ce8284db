/** Writes finished spans to the console, for `OTEL_TRACES_EXPORTER=console`. */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** Writes one line of JSON per span: its ids, and all that it holds. */
export function writeToConsole(spans: readonly ReadableSpan[]): void {
  for (const span of spans) console.log(JSON.stringify({ ...span.spanContext(), ...span }));
}
