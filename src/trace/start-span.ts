/** Starts spans: parent, sampling decision, ids. */
import {
  type Context,
  type Span,
  type SpanOptions,
  isSpanContextValid,
  trace,
} from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import type { ReadableSpan, SamplingResult } from "@opentelemetry/sdk-trace";
import {
  KIND_INTERNAL,
  NOT_RECORD,
  RANDOM_FLAG,
  RECORD_AND_SAMPLED,
  SAMPLED_FLAG,
} from "./enums.js";
import { RecordingSpan } from "./recording-span.js";
import type { Scope } from "./scope.js";

export type InstrumentationScope = ReadableSpan["instrumentationScope"];

/** The instrumentation scope under which this package's own spans are recorded. */
export const OWN: InstrumentationScope = { name: "edgespan" };

/**
 * Starts a span that `scope` owns until it ends; where the sampler drops it, the span
 * records nothing and only carries its context.
 * @see https://opentelemetry.io/docs/specs/otel/trace/sdk/#sdk-span-creation
 */
export function startSpan(
  scope: Scope,
  instrumentationScope: InstrumentationScope,
  name: string,
  options: SpanOptions,
  context: Context,
): Span {
  const { sampler, ids, resource } = scope.tracing;
  const parent = options.root ? trace.deleteSpan(context) : context;
  const parentContext = validParent(parent);
  const traceId = parentContext?.traceId ?? ids.generateTraceId();
  const { kind = KIND_INTERNAL, attributes = {}, links } = options;
  const sampled: SamplingResult = isTracingSuppressed(context)
    ? { decision: NOT_RECORD }
    : sampler.shouldSample(parent, traceId, name, kind, attributes, links ?? []);
  const traceState = sampled.traceState ?? parentContext?.traceState;
  const spanContext = {
    traceId,
    spanId: ids.generateSpanId(),
    traceFlags:
      (sampled.decision === RECORD_AND_SAMPLED ? SAMPLED_FLAG : 0) |
      ((parentContext?.traceFlags ?? 0) & RANDOM_FLAG),
    ...(traceState && { traceState }),
  };
  if (sampled.decision === NOT_RECORD) return trace.wrapSpanContext(spanContext);
  const span = new RecordingSpan(scope, {
    name,
    kind,
    spanContext,
    parentSpanContext: parentContext,
    instrumentationScope,
    resource,
    attributes: { ...attributes, ...sampled.attributes },
    links,
    startTime: options.startTime,
  });
  span.announce(parent);
  return span;
}

function validParent(context: Context): ReturnType<typeof trace.getSpanContext> {
  const parent = trace.getSpanContext(context);
  return parent && isSpanContextValid(parent) ? parent : undefined;
}
