import {
  ROOT_CONTEXT,
  type TextMapPropagator,
  defaultTextMapGetter,
  trace,
} from "@opentelemetry/api";
import { expect, it } from "vitest";
import { compositePropagator } from "../../../src/propagate/propagator.ts";
import { traceContextPropagator } from "../../../src/propagate/trace-context.ts";
import { b3, b3multi, jaeger, xray } from "../../../src/propagators.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const OTHER = "1".repeat(16);
const w3c = { traceparent: `00-${TRACE}-${SPAN}-03`, tracestate: "vendor=1" };

const OTHERS: Record<string, TextMapPropagator> = { b3, b3multi, jaeger, xray };

/** What is written for a span, in each format. */
const FORMATS: Record<string, (spanId: string) => Record<string, string>> = {
  b3: (spanId) => ({ b3: `${TRACE}-${spanId}-1` }),
  b3multi: (spanId) => ({ "x-b3-traceid": TRACE, "x-b3-spanid": spanId, "x-b3-sampled": "1" }),
  xray: (spanId) => ({
    "x-amzn-trace-id": `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${spanId};Sampled=1`,
  }),
  jaeger: (spanId) => ({ "uber-trace-id": `${TRACE}:${spanId}:0:1` }),
};

function parentIn(name: string, headers: Record<string, string>): object | undefined {
  const { [name]: propagator = b3 } = OTHERS;
  const both = compositePropagator([traceContextPropagator, propagator]);
  const context = both.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  const parent = trace.getSpanContext(context);
  return parent && { ...parent, traceState: parent.traceState?.serialize() };
}

it.each(Object.entries(FORMATS))(
  "%s beside a traceparent of the same span takes nothing from it",
  (name, written) => {
    expect(parentIn(name, { ...w3c, ...written(SPAN) })).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 3,
      isRemote: true,
      traceState: "vendor=1",
    });
  },
);

it.each(Object.entries(FORMATS))(
  "%s that names another span than traceparent wins, as the last that is asked",
  (name, written) => {
    const parent = { traceId: TRACE, spanId: OTHER, traceFlags: 1 };
    expect(parentIn(name, { ...w3c, ...written(OTHER) })).toMatchObject(parent);
  },
);
