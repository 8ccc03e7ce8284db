import {
  ROOT_CONTEXT,
  type TextMapPropagator,
  defaultTextMapGetter,
  trace,
} from "@opentelemetry/api";
import { expect, test } from "vitest";
import { b3, b3multi } from "../../../src/propagate/b3.ts";
import { xray } from "../../../src/propagate/xray.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const amazon = `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN};Sampled=1`;

test.each<[string, TextMapPropagator, Record<string, string>, boolean]>([
  ["the longest b3 that is valid", b3, { b3: `${TRACE}-${SPAN}-1-${SPAN}` }, true],
  [
    "a longer b3, in which the package would search",
    b3,
    { b3: `${TRACE}-${SPAN}-1-${SPAN}-` },
    false,
  ],
  ["10 MB of b3", b3, { b3: "f".repeat(10_000_000) }, false],
  [
    "b3 in several headers",
    b3multi,
    { "x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "1" },
    true,
  ],
  [
    "one of several that is too long",
    b3multi,
    { "x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "1".repeat(100) },
    true,
  ],
  [
    "what AWS sends",
    xray,
    { "X-Amzn-Trace-Id": `Self=1-67891234-12456789abcdef012345678;${amazon};Lineage=a:1` },
    true,
  ],
  ["what AWS never sends", xray, { "x-amzn-trace-id": `${"a=1;".repeat(300)}${amazon}` }, false],
  [
    "b3 in several headers in upper case",
    b3multi,
    { "x-b3-traceid": TRACE.toUpperCase(), "x-b3-spanid": SPAN.toUpperCase() },
    true,
  ],
])("%s is read or left alone, and its ids are in lower case", (_, propagator, carrier, isRead) => {
  const context = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
  const { traceId, spanId } = trace.getSpanContext(context) ?? {};
  expect([traceId, spanId]).toEqual(isRead ? [TRACE, SPAN] : [undefined, undefined]);
});
