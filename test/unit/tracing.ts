/** A `Tracing` as the runtime builds it, for tests of the parts beneath it. */
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import { AlwaysOnSampler } from "@opentelemetry/sdk-trace";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { compositePropagator } from "../../src/propagate/propagator.ts";
import { runInFrame } from "../../src/trace/active.ts";
import { harmlessProcessors } from "../../src/trace/harmless.ts";
import { randomIds } from "../../src/trace/ids.ts";
import { createResource } from "../../src/trace/resource.ts";
import { Scope } from "../../src/trace/scope.ts";
import type { Tracing } from "../../src/trace/tracing.ts";

export const LIMITS: Tracing["limits"] = {
  attributeCountLimit: 128,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  eventCountLimit: 128,
  linkCountLimit: 128,
  attributePerEventCountLimit: 128,
  attributePerLinkCountLimit: 128,
  maxSpans: 1_000,
  maxBytes: 2_000_000,
};

export function tracingWith(options: Partial<Tracing> = {}): Tracing {
  return {
    resource: createResource({ "service.name": "test" }),
    sampler: new AlwaysOnSampler(),
    tail: undefined,
    limits: LIMITS,
    processors: undefined,
    ids: randomIds,
    clock: undefined,
    propagator: compositePropagator([]),
    tracesFetch: false,
    propagateTo: () => true,
    trusts: () => true,
    envelopesFor: [],
    webSockets: undefined,
    ...options,
  };
}

export function scopeWith(options: Partial<Tracing> = {}): Scope {
  return new Scope(tracingWith(options));
}

/** Runs `fn` inside of an invocation and answers its scope beside the result. */
export function invocation<R>(fn: (scope: Scope) => R, scope: Scope = scopeWith()): R {
  return runInFrame({ context: ROOT_CONTEXT, scope }, () => fn(scope));
}

export function names(spans: readonly ReadableSpan[]): string[] {
  return spans.map((span) => span.name);
}

/** The settings under which these processors hear of each span. */
export function heardBy(...processors: SpanProcessor[]): Partial<Tracing> {
  const report = (problem: string): never => {
    throw new Error(problem);
  };
  return { processors: harmlessProcessors(processors, report) };
}

/** A processor that writes down what is called. */
export function loggingProcessor(log: string[], label = "p"): SpanProcessor {
  return {
    onStart: (span) => void log.push(`${label} start ${span.name} ${span.isRecording()}`),
    onEnding: (span) => void log.push(`${label} ending ${span.name} ${span.isRecording()}`),
    onEnd: (span) => void log.push(`${label} end ${span.name} ${span.ended}`),
    forceFlush: async () => void log.push(`${label} flush`),
    shutdown: async () => void log.push(`${label} shutdown`),
  };
}
