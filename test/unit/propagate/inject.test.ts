import {
  type Context,
  ROOT_CONTEXT,
  type TextMapPropagator,
  baggageEntryMetadataFromString,
  createTraceState,
  propagation,
  trace,
} from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { b3multi } from "../../../src/propagate/b3.ts";
import { injectContext } from "../../../src/propagate/inject.ts";
import { BUILT_IN_PROPAGATORS, compositePropagator } from "../../../src/propagate/propagator.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const OTHER = "00-11111111111111111111111111111111-2222222222222222-01";

const w3c = [BUILT_IN_PROPAGATORS.tracecontext!, BUILT_IN_PROPAGATORS.baggage!];

function spanIn(context: Context, traceFlags = 1, traceState?: string): Context {
  return trace.setSpanContext(context, {
    traceId: TRACE,
    spanId: SPAN,
    traceFlags,
    ...(traceState && { traceState: createTraceState(traceState) }),
  });
}

function baggageIn(context: Context, members: Record<string, string>): Context {
  const entries = Object.entries(members).map(([key, value]) => [key, { value }] as const);
  return propagation.setBaggage(context, propagation.createBaggage(Object.fromEntries(entries)));
}

function injected(
  context: Context,
  headers: Record<string, string> = {},
  propagators: readonly TextMapPropagator<unknown>[] = w3c,
): Record<string, string> {
  const into = new Headers(headers);
  injectContext(compositePropagator(propagators), context, into);
  return Object.fromEntries(into);
}

describe("an active span", () => {
  test.each([
    [1, `00-${TRACE}-${SPAN}-01`],
    [0, `00-${TRACE}-${SPAN}-00`],
  ])("with flags %i is written as the parent", (flags, traceparent) => {
    expect(injected(spanIn(ROOT_CONTEXT, flags))).toEqual({ traceparent });
  });

  it("keeps all other headers of the caller", () => {
    const theirs = { accept: "*/*", cookie: "a=b", "x-request-id": "1" };
    expect(injected(spanIn(ROOT_CONTEXT), theirs)).toEqual({
      ...theirs,
      traceparent: `00-${TRACE}-${SPAN}-01`,
    });
  });

  it("replaces a forwarded traceparent together with its tracestate", () => {
    expect(injected(spanIn(ROOT_CONTEXT), { traceparent: OTHER, tracestate: "a=1" })).toEqual({
      traceparent: `00-${TRACE}-${SPAN}-01`,
    });
  });

  it("writes its own tracestate over a forwarded one", () => {
    const theirs = { traceparent: OTHER, tracestate: "a=1" };
    expect(injected(spanIn(ROOT_CONTEXT, 1, "b=2"), theirs)).toEqual({
      traceparent: `00-${TRACE}-${SPAN}-01`,
      tracestate: "b=2",
    });
  });
});

describe("what a propagator's fields held of another span", () => {
  const THEIRS = {
    "x-b3-traceid": "1".repeat(32),
    "x-b3-spanid": "2".repeat(16),
    "x-b3-parentspanid": "3".repeat(16),
    "x-b3-flags": "1",
  };

  it("goes, also where the propagator writes nothing in its place", () => {
    expect(injected(spanIn(ROOT_CONTEXT), THEIRS, [b3multi])).toEqual({
      "x-b3-traceid": TRACE,
      "x-b3-spanid": SPAN,
      "x-b3-sampled": "1",
    });
  });

  it("stays where no propagator that is used has such fields", () => {
    expect(injected(spanIn(ROOT_CONTEXT), THEIRS)).toMatchObject(THEIRS);
  });

  it("goes before the first is written, so that their order does not matter", () => {
    const reversed: TextMapPropagator<unknown> = {
      ...w3c[0]!,
      inject(_, carrier, setter) {
        setter.set(carrier, "tracestate", "b=2");
        setter.set(carrier, "traceparent", `00-${TRACE}-${SPAN}-01`);
      },
    };
    const theirs = { traceparent: OTHER, tracestate: "a=1" };
    expect(injected(spanIn(ROOT_CONTEXT), theirs, [reversed])).toEqual({
      traceparent: `00-${TRACE}-${SPAN}-01`,
      tracestate: "b=2",
    });
  });

  it("is found beside a propagator that cannot name its fields", () => {
    const nameless = { ...faultyPropagator(), fields: () => raise() };
    const theirs = { traceparent: OTHER, tracestate: "a=1" };
    expect(injected(spanIn(ROOT_CONTEXT), theirs, [nameless, ...w3c])).toEqual({
      traceparent: `00-${TRACE}-${SPAN}-01`,
    });
  });
});

function raise(): never {
  throw new Error("a fault");
}

describe("where nothing is injected the caller's context stays", () => {
  const theirs = { traceparent: OTHER, tracestate: "a=1", baggage: "c=3" };
  test.each<[string, Context, readonly TextMapPropagator<unknown>[]]>([
    ["no active span", ROOT_CONTEXT, w3c],
    ["an invalid span context", trace.setSpanContext(ROOT_CONTEXT, INVALID()), w3c],
    ["suppressed tracing", suppressTracing(baggageIn(spanIn(ROOT_CONTEXT), { d: "4" })), w3c],
    ["no propagator", spanIn(ROOT_CONTEXT), []],
    ["only a faulty propagator", spanIn(ROOT_CONTEXT), [faultyPropagator()]],
  ])("%s", (_, context, propagators) => {
    expect(injected(context, theirs, propagators)).toEqual(theirs);
  });

  it("also an empty tracestate", () => {
    expect(injected(ROOT_CONTEXT, { traceparent: OTHER, tracestate: "" })).toEqual({
      traceparent: OTHER,
      tracestate: "",
    });
  });
});

function INVALID(): { traceId: string; spanId: string; traceFlags: number } {
  return { traceId: "0".repeat(32), spanId: SPAN, traceFlags: 1 };
}

function faultyPropagator(): TextMapPropagator<unknown> {
  return {
    inject() {
      throw new Error("a fault");
    },
    extract: (context) => context,
    fields: () => [],
  };
}

describe("baggage", () => {
  const ours = baggageIn(ROOT_CONTEXT, { a: "1", "b c": "2,3" });
  test.each<[string, string | undefined, string]>([
    ["is written percent-encoded", undefined, "a=1,b%20c=2%2C3"],
    ["is added to the caller's", "x=9", "x=9,a=1,b%20c=2%2C3"],
    ["yields to the caller's member of the same name", "a=9", "a=9,b%20c=2%2C3"],
    [
      "yields to one with properties and spaces",
      " a = 9 ;p=1 , x=8",
      "a = 9 ;p=1 , x=8,b%20c=2%2C3",
    ],
    ["leaves the caller's alone where all names are taken", "b%20c=7,a=9", "b%20c=7,a=9"],
    ["is not hidden by a malformed member of the caller", "ab,b%20cx", "ab,b%20cx,a=1,b%20c=2%2C3"],
  ])("%s", (_, theirs, expected) => {
    expect(injected(ours, theirs === undefined ? {} : { baggage: theirs })).toEqual({
      baggage: expected,
    });
  });
});

it("writes the metadata of baggage that the API made", () => {
  const metadata = baggageEntryMetadataFromString("ttl=1;x");
  const baggage = propagation.createBaggage({ a: { value: "1", metadata }, b: { value: "2" } });
  expect(injected(propagation.setBaggage(ROOT_CONTEXT, baggage))).toEqual({
    baggage: "a=1;ttl=1;x,b=2",
  });
});

it("writes whole members of at most 8,192 bytes together", () => {
  const context = baggageIn(ROOT_CONTEXT, { a: "1", big: "x".repeat(8_190), c: "3" });
  expect(injected(context)).toEqual({ baggage: "a=1,c=3" });
});

it("writes at most 180 members", () => {
  const members = Array.from({ length: 200 }, (_, index) => [`k${index}`, "v"]);
  const context = baggageIn(ROOT_CONTEXT, Object.fromEntries(members) as Record<string, string>);
  expect(injected(context)["baggage"]?.split(",")).toHaveLength(180);
});

it("a faulty propagator does not stop the others", () => {
  const [tracecontext, baggage] = w3c as [TextMapPropagator, TextMapPropagator];
  const context = baggageIn(spanIn(ROOT_CONTEXT), { a: "1" });
  expect(injected(context, {}, [tracecontext, faultyPropagator(), baggage])).toEqual({
    traceparent: `00-${TRACE}-${SPAN}-01`,
    baggage: "a=1",
  });
});

it("no headers of the caller and no baggage make it throw or lose a header", () => {
  const value = fc.string({ unit: fc.constantFrom(...Array.from("ab=,; %zé\t")), maxLength: 30 });
  const key = fc
    .string({ minLength: 1, maxLength: 8, unit: "grapheme" })
    .filter((name) => name !== "__proto__");
  fc.assert(
    fc.property(value, value, fc.dictionary(key, value), (tracestate, baggage, members) => {
      const theirs = { tracestate, baggage, "x-other": "kept" };
      const result = injected(baggageIn(spanIn(ROOT_CONTEXT), members), theirs);
      expect(result["x-other"]).toBe("kept");
      expect(result.traceparent).toBe(`00-${TRACE}-${SPAN}-01`);
      expect(result.baggage).toMatch(startsWith(new Headers(theirs).get("baggage") ?? ""));
    }),
  );
});

function startsWith(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[^a-z]/g, String.raw`\$&`)}`);
}
