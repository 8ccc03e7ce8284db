/** What the tests of the samplers share: trace ids that are the same in each run, and decisions. */
import { type Attributes, type Context, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { SamplingResult } from "@opentelemetry/sdk-trace";
import { RECORD_AND_SAMPLED } from "../../../src/trace/enums.ts";
import { parseTraceState } from "../../../src/trace/trace-state.ts";
import type { HeadSampler } from "../../../src/trace/tracing.ts";

/** Numbers from 0 to 2³² − 1 that follow from the seed (mulberry32). */
export function randomWords(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return (bits ^ (bits >>> 14)) >>> 0;
  };
}

export function traceIds(count: number, seed: number): string[] {
  const word = randomWords(seed);
  const hex = (): string => word().toString(16).padStart(8, "0");
  return Array.from({ length: count }, () => hex() + hex() + hex() + hex());
}

export const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

interface Parent {
  traceId?: string;
  traceFlags?: number;
  traceState?: string;
  isRemote?: boolean;
}

/** A context whose span was started elsewhere, unless said otherwise. */
export function parentWith({
  traceId = TRACE_ID,
  traceFlags = 1,
  traceState,
  isRemote = true,
}: Parent): Context {
  const state = traceState === undefined ? undefined : parseTraceState(traceState);
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: "00f067aa0ba902b7",
    traceFlags,
    isRemote,
    ...(state && { traceState: state }),
  });
}

export interface Asked {
  context?: Context;
  traceId?: string;
  attributes?: Attributes;
  resource?: Attributes;
}

export function ask(
  sampler: HeadSampler,
  { context = ROOT_CONTEXT, traceId = TRACE_ID, attributes = {}, resource = {} }: Asked = {},
): SamplingResult {
  return sampler.shouldSample(context, traceId, "name", SpanKind.SERVER, attributes, [], resource);
}

export function isKept(sampler: HeadSampler, asked: Asked = {}): boolean {
  return ask(sampler, asked).decision === RECORD_AND_SAMPLED;
}

/** The decision with the `tracestate` that goes on: the sampler's own, else the parent's. */
export function told(sampler: HeadSampler, asked: Asked = {}): [kept: boolean, state: string] {
  const { decision, traceState } = ask(sampler, asked);
  const state = traceState ?? trace.getSpanContext(asked.context ?? ROOT_CONTEXT)?.traceState;
  return [decision === RECORD_AND_SAMPLED, state?.serialize() ?? ""];
}
