/** OpenTelemetry's own SDK in one Worker with edgespan, registered by whoever imports this. */
import { trace } from "@opentelemetry/api";
import { type ReadableSpan, TracerProvider } from "@opentelemetry/sdk-trace";

const ended: ReadableSpan[] = [];
const provider = new TracerProvider({
  spanProcessors: [
    {
      onStart() {},
      onEnd(span) {
        ended.push(span);
      },
      async forceFlush() {},
      async shutdown() {},
    },
  ],
});

export const register = (): boolean => trace.setGlobalTracerProvider(provider);

/** What the SDK recorded since it was last asked. */
export function recorded(): unknown[] {
  return ended.splice(0).map((span) => ({
    name: span.name,
    traceId: span.spanContext().traceId,
    parentSpanId: span.parentSpanContext?.spanId,
  }));
}

/** A span by whichever provider is the global one, and one by the SDK's own. */
export function trackBoth(): void {
  trace.getTracer("app").startSpan("by the global one").end();
  provider.getTracer("app").startSpan("by the SDK").end();
}
