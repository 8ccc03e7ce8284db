/**
 * The parent policy, the same for every trigger. What comes first wins:
 *
 * 1. W3C in the event: its headers, attributes or payload, or the client context of a direct call;
 * 2. W3C that Lambda itself carries, in the invocation's store;
 * 3. where `instrument.lambda.xrayParent` or the propagator `xray-lambda` says so, or the backend
 *    is X-Ray: a segment that X-Ray has sampled, as Lambda's own variable or the message names it.
 *
 * Of each of them `trust` is asked, also of a segment: who calls a public endpoint may name one.
 *
 * X-Ray decides nothing else: what it did not sample is traced, and a segment that is not the
 * parent, because the backend never sees it, is told as a link and by its trace's name.
 */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Config } from "../../config/resolve.js";
import type { Options } from "../../config/options.js";
import { extractContext } from "../../propagate/extract.js";
import { traceContextPropagator } from "../../propagate/trace-context.js";
import { quietly } from "../../trace/quietly.js";
import { AWS_XRAY_TRACE_ID } from "../../trace/semconv.js";
import type { Carrier } from "../../trace/trigger.js";
import type { LambdaContext } from "./context.js";
import { carrierOf } from "./triggers/carriers.js";
import { xrayCarrier, xrayTraceId } from "./x-ray.js";

/** What the options say of parents. */
export interface ParentPolicy {
  /** Whether a segment of X-Ray's may be a parent. */
  readonly xray: boolean;
  /** Whether the event of a task of Step Functions may name one. */
  readonly stepFunctions: boolean;
}

const X_RAY = "_X_AMZN_TRACE_ID";
const XRAY_ENDPOINT = /^https:\/\/xray\.[^/]+\.amazonaws\.com/;

export function parentPolicy(
  { exporters, propagator }: Config,
  { instrument }: Options,
): ParentPolicy {
  const { xrayParent, stepFunctions = false } = instrument?.lambda ?? {};
  const asked =
    // By the propagator `xray-lambda`.
    propagator.fields().includes(X_RAY) ||
    exporters.some((it) => XRAY_ENDPOINT.test((it as { url?: string }).url ?? ""));
  return { xray: xrayParent ?? asked, stepFunctions };
}

/**
 * What the runtime client of AWS keeps of an invocation.
 * @see https://github.com/aws/aws-lambda-invoke-store
 */
interface InvokeStore {
  getTraceparent?(): unknown;
  getTracestate?(): unknown;
  getBaggage?(): unknown;
  getXRayTraceId?(): unknown;
}

function invokeStore(): InvokeStore | undefined {
  return (globalThis as { awslambda?: { InvokeStore?: InvokeStore } }).awslambda?.InvokeStore;
}

/**
 * X-Ray's header for the invocation; several run at once only where the context has it. To be asked
 * for as late as may be: a variable of the environment is dear.
 */
function xrayHeader(context: LambdaContext): unknown {
  const header = quietly(() => context?.xRayTraceId ?? invokeStore()?.getXRayTraceId?.());
  return header ?? process.env[X_RAY];
}

/**
 * The context in which the event is read, so that what the event itself says wins.
 *
 * @param xray reads X-Ray's header from the event
 */
export function contextBeside(
  propagator: TextMapPropagator<Carrier>,
  context: LambdaContext,
  policy: ParentPolicy,
  xray: () => unknown,
): Context {
  const carriers = [
    () => (policy.xray ? xrayCarrier(xray()) : undefined),
    () => (policy.xray ? xrayCarrier(xrayHeader(context)) : undefined),
    () => storedCarrier(context),
    () => carrierOf(context?.clientContext?.custom ?? context?.clientContext?.Custom),
  ];
  let within = ROOT_CONTEXT;
  for (const read of carriers) within = extractContext(propagator, quietly(read), within);
  return within;
}

function storedCarrier(context: LambdaContext): Carrier | undefined {
  const store = invokeStore();
  if (!store) return undefined;
  const traceparent = store.getTraceparent?.();
  // X-Ray's decision in W3C's words is still X-Ray's.
  const [, traceId, , flags] = String(traceparent).split("-");
  if (flags === "00" && traceId === xrayTraceId(xrayHeader(context))?.slice(2).replace("-", ""))
    return undefined;
  return carrierOf({
    traceparent,
    tracestate: store.getTracestate?.(),
    baggage: store.getBaggage?.(),
  });
}

/** Tells of the segment on the root span, and links to it where it is not the parent. */
export function tellSegment(span: Span, context: LambdaContext): void {
  const header = xrayHeader(context);
  span.setAttribute(AWS_XRAY_TRACE_ID, xrayTraceId(header));
  const segment = trace.getSpanContext(extractContext(traceContextPropagator, xrayCarrier(header)));
  const { parentSpanContext } = span as Partial<ReadableSpan>;
  if (segment && segment.spanId !== parentSpanContext?.spanId) span.addLink({ context: segment });
}
