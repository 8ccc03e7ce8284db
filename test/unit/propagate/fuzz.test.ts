/** Whatever a header holds, nothing throws, and what comes of it is bounded. */
import {
  type Context,
  ROOT_CONTEXT,
  type TextMapPropagator,
  propagation,
  trace,
} from "@opentelemetry/api";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extractContext } from "../../../src/propagate/extract.ts";
import { injectContext } from "../../../src/propagate/inject.ts";
import { compositePropagator, BUILT_IN_PROPAGATORS } from "../../../src/propagate/propagator.ts";
import { nodeHeaders } from "../../../src/propagate/carriers.ts";
import * as propagators from "../../../src/propagators.ts";
import type { Carrier } from "../../../src/trace/trigger.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const TEN_MB = 10 * 1_024 * 1_024;

const ALL: Record<string, TextMapPropagator<unknown>> = { ...BUILT_IN_PROPAGATORS, ...propagators };
const HEADERS = [
  "traceparent",
  "tracestate",
  "baggage",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-sampled",
  "x-b3-flags",
  "x-amzn-trace-id",
  "uber-trace-id",
  "uberctx-user",
];

/** Context in every format. */
const VALID = {
  traceparent: `00-${TRACE}-${SPAN}-01`,
  tracestate: "a=1",
  baggage: "a=1",
  "x-b3-traceid": TRACE,
  "x-b3-spanid": SPAN,
  "x-b3-sampled": "1",
  "x-amzn-trace-id": `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN};Sampled=1`,
  "uber-trace-id": `${TRACE}:${SPAN}:0:1`,
};

/** What valid headers are made of, and what breaks them. */
const piece = fc.constantFrom(
  "00",
  "01",
  "ff",
  "-",
  TRACE,
  SPAN,
  `00-${TRACE}-${SPAN}-01`,
  `${TRACE}-${SPAN}-1`,
  TRACE.toUpperCase(),
  SPAN.toUpperCase(),
  `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`,
  `Parent=${SPAN}`,
  "Sampled=1",
  `${TRACE}:${SPAN}:0:1`,
  ",",
  ";",
  "=",
  " ",
  "\t",
  "%",
  "%C3",
  "%zz",
  ":",
  "a",
  "a=1",
  "\u0000",
  "\r\n",
  "é",
  "😀",
  "\ud800",
  "__proto__",
);
const small = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
);
/** A piece repeated up to 10 MB, and thousands of members among them. */
const huge = fc
  .tuple(piece, fc.constantFrom(5_000, 100_000, TEN_MB))
  .map(([part, length]) => part.repeat(Math.ceil(length / part.length)));

/** All that a context can carry is within what is promised. */
function expectBounded(context: Context): void {
  const parent = trace.getSpanContext(context);
  expect(parent?.traceId ?? TRACE).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  expect(parent?.spanId ?? SPAN).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
  const state = parent?.traceState?.serialize() ?? "";
  expect(state.split(",").length).toBeLessThanOrEqual(32);
  expect(state.length).toBeLessThanOrEqual(32 * (256 + 1 + 256 + 1));
  const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
  expect(entries.length).toBeLessThanOrEqual(180);
  const kept = entries.map(([key, { value, metadata }]) => `${key}${value}${metadata?.toString()}`);
  expect(kept.join("").length).toBeLessThanOrEqual(8_192 + 180 * "undefined".length);
}

/** What is written of it is within the limits, and no header that HTTP refuses. */
function expectWritable(propagator: TextMapPropagator<unknown>, context: Context): void {
  // A plain object refuses nothing.
  const headers: Record<string, string> = {};
  injectContext(propagator, context, nodeHeaders(headers));
  for (const [name, value] of Object.entries(headers)) {
    expect(name).toMatch(/^[\w!#$&'*+.^`|~-]+$/);
    expect(value).toMatch(/^[\x20-\x7e]*$/);
    expect(value.length).toBeLessThanOrEqual(name === "tracestate" ? 16_448 : 8_192);
  }
  // Jaeger has a header for each member.
  expect(Object.keys(headers).length).toBeLessThanOrEqual(10 + 180);
}

/** Checks what comes of a carrier; answers whether anything was taken from it. */
function isTaken(propagator: TextMapPropagator<unknown>, carrier: Carrier): boolean {
  const extracted = extractContext(propagator, carrier);
  expectBounded(extracted);
  expectWritable(propagator, extracted);
  return extracted !== ROOT_CONTEXT;
}

describe.each(Object.entries(ALL))("%s", (_, propagator) => {
  const values = (value: fc.Arbitrary<string>): fc.Arbitrary<Map<string, string>> =>
    fc
      .array(fc.tuple(fc.constantFrom(...HEADERS), value), { maxLength: 6 })
      .map((pairs) => new Map(pairs));

  it("reads whatever headers hold, and writes no more than is allowed", () => {
    const taken = new Set<boolean>();
    fc.assert(
      fc.property(values(small), fc.constantFrom({}, VALID), (hostile, valid) => {
        const carrier = new Map([...Object.entries(valid), ...hostile]);
        taken.add(isTaken(propagator, carrier));
      }),
      { numRuns: 300 },
    );
    expect(taken).toEqual(new Set([true, false]));
  });

  it("reads what is as long as 10 MB, and as many members as that has", () => {
    const taken = new Set<boolean>();
    const long = fc.tuple(fc.constantFrom(...HEADERS), huge);
    fc.assert(
      fc.property(long, ([name, value]) => {
        taken.add(isTaken(propagator, new Map(Object.entries({ ...VALID, [name]: value }))));
      }),
      { numRuns: 40 },
    );
    expect(taken).toContain(true);
  }, 60_000);
});

it("a carrier of thousands of headers gives as many members as are allowed", () => {
  const headers = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, at) => [`uberctx-k${at}`, "1"]),
  );
  expect(isTaken(compositePropagator(Object.values(ALL)), nodeHeaders(headers))).toBe(true);
});
