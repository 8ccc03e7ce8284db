/** Starts spans: parent, sampling decision, ids. */
import {
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  trace,
} from "@opentelemetry/api";
import type { ReadableSpan, SamplingResult } from "@opentelemetry/sdk-trace";
import {
  KIND_INTERNAL,
  NOT_RECORD,
  RANDOM_FLAG,
  RECORD_AND_SAMPLED,
  SAMPLED_FLAG,
} from "./enums.js";
import { carrying, spanOf } from "./context.js";
import { randomIds } from "./ids.js";
import { RecordingSpan } from "./recording-span.js";
import type { Scope } from "./scope.js";
import { TRACING_SUPPRESSED } from "./suppressed.js";
import type { RootSpan } from "./trigger.js";
import { validSpanContext } from "./valid-span-context.js";

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
  given: SpanOptions,
  context: Context,
): Span {
  const options = scope.tracing.capture?.started(given, context) ?? given;
  const parent = options.root ? trace.deleteSpan(context) : context;
  const decision = decide(scope, name, options, parent);
  return create(scope, instrumentationScope, name, options, parent, decision);
}

/**
 * Starts the root span of an invocation. A sampler that ignores what a span is decides before
 * anything of the invocation is read, so that one that is dropped costs next to nothing.
 *
 * @param traceId that of a trace which begins here; default a random one
 */
export function startRoot(
  scope: Scope,
  read: () => RootSpan,
  context: Context,
  traceId: string | undefined,
): Span {
  const { sampler, capture } = scope.tracing;
  const early = sampler.ignoresSpan && decide(scope, "", NOTHING, context, traceId);
  const isDropped = early && early.sampled.decision === NOT_RECORD;
  const root = isDropped ? NOTHING : read();
  const options = capture?.started(root, context) ?? root;
  const decision = early || decide(scope, root.name, options, context, traceId);
  return create(scope, OWN, root.name, options, context, decision);
}

/** Shared: what is not read of a dropped invocation is not allocated either. */
const NOTHING: SpanOptions & { name: string } = { name: "", attributes: {}, links: [] };

/** What is decided before a span is. */
interface Decision {
  readonly parentContext: SpanContext | undefined;
  readonly traceId: string;
  readonly sampled: SamplingResult;
}

function decide(
  { tracing: { sampler, ids, resource } }: Scope,
  name: string,
  { kind = KIND_INTERNAL, attributes = {}, links = [] }: SpanOptions,
  parent: Context,
  ownTraceId?: string,
): Decision {
  const parentContext = validSpanContext(parent);
  const traceId = parentContext?.traceId ?? ownTraceId ?? ids.generateTraceId();
  const sampled: SamplingResult = parent.getValue(TRACING_SUPPRESSED)
    ? { decision: NOT_RECORD }
    : sampler.shouldSample(parent, traceId, name, kind, attributes, links, resource.attributes);
  return { parentContext, traceId, sampled };
}

function create(
  scope: Scope,
  instrumentationScope: InstrumentationScope,
  name: string,
  options: SpanOptions,
  parent: Context,
  { parentContext, traceId, sampled }: Decision,
): Span {
  // Below a span that was dropped here, one more that is dropped tells nobody anything.
  if (sampled.decision === NOT_RECORD && isDroppedHere(parentContext))
    return spanOf(parent) as Span;
  // Ids of ours are as good as random, those of a workflow's name among them.
  const { ids } = scope.tracing;
  const flags = parentContext?.traceFlags ?? (ids === randomIds ? RANDOM_FLAG : 0);
  const traceState = sampled.traceState ?? parentContext?.traceState;
  const spanContext: SpanContext = {
    traceId,
    spanId: ids.generateSpanId(),
    traceFlags:
      (sampled.decision === RECORD_AND_SAMPLED ? SAMPLED_FLAG : 0) | (flags & RANDOM_FLAG),
  };
  if (traceState) spanContext.traceState = traceState;
  if (sampled.decision === NOT_RECORD) return carrying(spanContext);
  // What is below it then belongs to the nearest span that is recorded.
  if (scope.refuses()) return carrying(parentContext ?? spanContext);
  const span = new RecordingSpan(
    scope,
    instrumentationScope,
    name,
    spanContext,
    parentContext,
    options,
  );
  if (sampled.attributes) span.setAttributes(sampled.attributes);
  span.announce(parent);
  return span;
}

function isDroppedHere(parent: SpanContext | undefined): boolean {
  return parent !== undefined && !parent.isRemote && !(parent.traceFlags & SAMPLED_FLAG);
}

/** Whether a span would be dropped here whatever it is, so that nothing of it has to be told. */
export function dropsAll({ tracing }: Scope, context: Context): boolean | undefined {
  return tracing.sampler.dropsBelow && isDroppedHere(spanOf(context)?.spanContext());
}
