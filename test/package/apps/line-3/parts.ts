/** The app's own OpenTelemetry: the API of line 3 makes the span, parts of its SDK plug in. */
import { SpanStatusCode, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace";
import type { Options } from "edgespan";

const exporter = new InMemorySpanExporter();

export const parts: Options = {
  sampling: { head: new ParentBasedSampler({ root: new AlwaysOnSampler() }) },
  propagators: [new W3CTraceContextPropagator()],
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
};

/** Runs `fn` in a span, then starts another, named after what the processor was given. */
export function work<T>(fn: () => T): T {
  const tracer = trace.getTracer("app");
  return tracer.startActiveSpan("app.work", (span) => {
    const result = fn();
    span.setStatus({ code: SpanStatusCode.OK }).end();
    for (const { name } of [...exporter.getFinishedSpans()])
      tracer.startSpan(`seen: ${name}`).end();
    return result;
  });
}
