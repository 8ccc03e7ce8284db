/**
 * The tracer behind `trace.getTracer()`: it records into whichever invocation is
 * running, so one global registration serves every instrumented handler.
 */
import {
  type Context,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { activeContext, activeFrame, runInFrame } from "./active.js";
import type { Frame } from "./scope.js";
import { type InstrumentationScope, startSpan } from "./start-span.js";

/** Starts a span in the invocation of `frame`; without one it only carries its parent's context. */
export function startSpanIn(
  frame: Frame | undefined,
  instrumentationScope: InstrumentationScope,
  name: string,
  options: SpanOptions,
  context: Context,
): Span {
  if (frame?.scope) return startSpan(frame.scope, instrumentationScope, name, options, context);
  return trace.wrapSpanContext(trace.getSpanContext(context) ?? INVALID_SPAN_CONTEXT);
}

export const tracerProvider: TracerProvider = {
  getTracer(name, version, options) {
    return createTracer({ name, version, schemaUrl: options?.schemaUrl } as InstrumentationScope);
  },
};

function createTracer(id: InstrumentationScope): Tracer {
  return {
    startSpan: (name, options = {}, context = activeContext()) =>
      startSpanIn(activeFrame(), id, name, options, context),
    startActiveSpan(name: string, ...rest: unknown[]): ReturnType<(span: Span) => unknown> {
      const fn = rest.pop() as (span: Span) => unknown;
      const [options = {}, context = activeContext()] = rest as [SpanOptions?, Context?];
      const frame = activeFrame();
      const span = startSpanIn(frame, id, name, options, context);
      const inner = { context: trace.setSpan(context, span), scope: frame?.scope };
      return runInFrame(inner, () => fn(span));
    },
  };
}
