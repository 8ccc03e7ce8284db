import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapPropagator,
  defaultTextMapGetter,
  propagation,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { extractContext } from "../../../src/propagate/extract.ts";
import { BUILT_IN_PROPAGATORS, compositePropagator } from "../../../src/propagate/propagator.ts";
import type { Carrier } from "../../../src/trace/trigger.ts";

const w3c = compositePropagator([
  BUILT_IN_PROPAGATORS.tracecontext!,
  BUILT_IN_PROPAGATORS.baggage!,
]) as TextMapPropagator<Carrier>;

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const GOOD = `00-${TRACE}-${SPAN}-01`;

function parentOf(headers: Record<string, string>): SpanContext | undefined {
  return trace.getSpanContext(extractContext(w3c, carrierOf(headers)));
}

/** Raw values, as Lambda's event may hold them; `Headers` would refuse some. */
function carrierOf(headers: Record<string, string>): Carrier {
  return new Map(Object.entries(headers));
}

function baggageOf(header: string): Record<string, string> {
  const context = extractContext(w3c, carrierOf({ baggage: header }));
  const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
  return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
}

it("without a carrier a new trace begins", () => {
  expect(extractContext(w3c, undefined)).toBe(ROOT_CONTEXT);
});

it("an empty carrier begins a new trace", () => {
  expect(extractContext(w3c, new Headers())).toBe(ROOT_CONTEXT);
});

describe("a traceparent that is to be continued (Trace Context level 2, section 3.2)", () => {
  test.each([
    ["sampled (3.2.2.5.1 sampled flag)", GOOD, 1],
    ["not sampled", `00-${TRACE}-${SPAN}-00`, 0],
    ["random, not sampled (3.2.2.5.2 random trace id flag)", `00-${TRACE}-${SPAN}-02`, 2],
    ["with flags of the future (3.2.2.5.3 other flags)", `00-${TRACE}-${SPAN}-ff`, 255],
    ["of a future version (3.2.4 versioning)", `01-${TRACE}-${SPAN}-01`, 1],
    ["of a future version with further fields (3.2.4)", `cc-${TRACE}-${SPAN}-01-what-will-be`, 1],
    ["of a future version that ends in a dash (3.2.4)", `fe-${TRACE}-${SPAN}-01-`, 1],
  ])("%s", (_, traceparent, traceFlags) => {
    expect(parentOf({ traceparent })).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags,
      isRemote: true,
    });
  });
});

describe("a traceparent that starts a new trace (Trace Context level 2, section 3.2)", () => {
  test.each([
    ["empty", ""],
    ["version ff (3.2.2.1 version)", `ff-${TRACE}-${SPAN}-01`],
    ["version of one digit (3.2.2.1)", `0-${TRACE}-${SPAN}-01`],
    ["version of three digits (3.2.2.1)", `000-${TRACE}-${SPAN}-01`],
    ["version in upper case (3.2.2.1)", `CC-${TRACE}-${SPAN}-01`],
    ["version that is not hex (3.2.2.1)", `0g-${TRACE}-${SPAN}-01`],
    ["all-zero trace id (3.2.2.3 trace-id)", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["upper-case trace id (3.2.2.3)", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ["short trace id (3.2.2.3)", `00-${TRACE.slice(1)}-${SPAN}-01`],
    ["long trace id (3.2.2.3)", `00-${TRACE}0-${SPAN}-01`],
    ["trace id that is not hex (3.2.2.3)", `00-${TRACE.slice(1)}g-${SPAN}-01`],
    ["all-zero parent id (3.2.2.4 parent-id)", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["upper-case parent id (3.2.2.4)", `00-${TRACE}-${SPAN.toUpperCase()}-01`],
    ["short parent id (3.2.2.4)", `00-${TRACE}-${SPAN.slice(1)}-01`],
    ["long parent id (3.2.2.4)", `00-${TRACE}-${SPAN}0-01`],
    ["flags of one digit (3.2.2.5 trace-flags)", `00-${TRACE}-${SPAN}-1`],
    ["flags that are not hex (3.2.2.5)", `00-${TRACE}-${SPAN}-0x`],
    ["flags in upper case (3.2.2.5)", `00-${TRACE}-${SPAN}-0A`],
    ["further fields in version 00 (3.2.2.2)", `${GOOD}-extra`],
    ["a dash at the end of version 00 (3.2.2.2)", `${GOOD}-`],
    ["text after the flags of a future version (3.2.4)", `01-${TRACE}-${SPAN}-01.what`],
    ["a missing field", `00-${TRACE}-${SPAN}`],
    ["two headers joined (3.2.1 header name)", `${GOOD}, ${GOOD}`],
    ["other separators", GOOD.replaceAll("-", "_")],
    ["text", "hello"],
    ["10 MB of digits", "0".repeat(10_000_000)],
    ["10 MB behind a good start", `${GOOD}${"-".repeat(10_000_000)}`],
    ["control characters", `00-${TRACE}\u0000${SPAN}-01`],
  ])("%s", (_, traceparent) => {
    expect(parentOf({ traceparent, tracestate: "a=b" })).toBeUndefined();
  });

  it("a tracestate without a traceparent (3.3.1.1) is ignored", () => {
    expect(parentOf({ tracestate: "vendor=1" })).toBeUndefined();
  });
});

describe("a tracestate that is kept (Trace Context level 2, section 3.3)", () => {
  test.each([
    ["one member", "a=1", "a=1"],
    ["members in their order", "b=2,a=1", "b=2,a=1"],
    ["spaces and empty members (3.3.1.1 list)", "b=2 ,, \ta=1,", "b=2,a=1"],
    ["two headers joined", "b=2, a=1", "b=2,a=1"],
    ["a multi-tenant key (3.3.1.3.1 key)", "9tenant@vendor=x", "9tenant@vendor=x"],
    ["values with spaces within (3.3.1.3.2 value)", "a=b c", "a=b c"],
    ["the first of two members of one name", "a=1,a=2", "a=1"],
    ["32 members (3.3.1.1)", manyMembers(32), manyMembers(32)],
    [
      "more than the 512 characters that are to be kept at least (3.3.1.5)",
      longMembers(4),
      longMembers(4),
    ],
  ])("%s", (_, tracestate, expected) => {
    expect(parentOf({ traceparent: GOOD, tracestate })?.traceState?.serialize()).toBe(expected);
  });
});

describe("a tracestate that is discarded while its traceparent is continued (section 4.3)", () => {
  test.each([
    ["a key in upper case (3.3.1.3.1)", "A=1,b=2"],
    ["a key over 256 characters (3.3.1.3.1)", `${"k".repeat(257)}=1`],
    ["a member without value", "a,b=2"],
    ["an equals sign in a value (3.3.1.3.2)", "a=b=c"],
    ["a value over 256 characters (3.3.1.3.2)", `a=${"x".repeat(257)},b=2`],
    ["33 members (3.3.1.1)", manyMembers(33)],
    ["10 MB of commas", ",".repeat(10_000_000)],
    ["10 MB in one member", "x".repeat(10_000_000)],
    ["control characters", "a=\u0001"],
  ])("%s", (_, tracestate) => {
    expect(parentOf({ traceparent: GOOD, tracestate })).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
      isRemote: true,
    });
  });
});

function longMembers(count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}=${"x".repeat(256)}`).join(",");
}

function manyMembers(count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}=${index}`).join(",");
}

describe("baggage (W3C Baggage, section 3)", () => {
  test.each<[string, string, Record<string, string>]>([
    ["members", "a=1,b=2", { a: "1", b: "2" }],
    ["two headers joined", "a=1, b=2", { a: "1", b: "2" }],
    ["percent-encoded values", "a=%F0%9F%98%80%2C", { a: "😀," }],
    ["properties", "a=1;p=q;r", { a: "1" }],
    ["the last of two members of one name", "a=1,a=2", { a: "2" }],
    ["nothing of malformed members", "a,=1,;,,b c=1,(=2", {}],
    ["the good among the malformed", "a,b=2,=3", { b: "2" }],
    ["values that are empty", "a=,b= ;p", { a: "", b: "" }],
    ["values with equals signs", "a=b=c==", { a: "b=c==" }],
    ["spaces and tabs around keys and values", " a \t= 1 , b=2\t", { a: "1", b: "2" }],
    ["keys of all characters of a token", "a!#$%&'*+.^_`|~-9=1", { "a!#$%&'*+.^_`|~-9": "1" }],
    ["keys as they are, which are not percent-encoded", "%C3%A9=1", { "%C3%A9": "1" }],
    ["a percent sign that encodes nothing", "a=100%,b=%zz", { a: "100%", b: "%zz" }],
    [
      "octets that are no UTF-8 as U+FFFD",
      "a=%80,b=x%C3y,c=%41%FFz%C3%A9",
      { a: "\ufffd", b: "x\ufffdy", c: "A\ufffdzé" },
    ],
    ["members up to 8,192 bytes", `a=1,b=${"x".repeat(9_000)}`, { a: "1" }],
    ["nothing of 10 MB in one member", `a=${"x".repeat(10_000_000)}`, {}],
    ["nothing of 10 MB of commas", ",".repeat(10_000_000), {}],
  ])("%s", (_, header, expected) => {
    expect(baggageOf(header)).toEqual(expected);
  });

  it("keeps at most 180 members", () => {
    expect(Object.keys(baggageOf(manyMembers(500)))).toHaveLength(180);
  });

  it("keeps the properties of a member as its metadata, and takes none from a mere semicolon", () => {
    const context = extractContext(w3c, carrierOf({ baggage: "a=1;p=q;r,b=2;,c=3" }));
    const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
    expect(entries.map(([key, { metadata }]) => [key, metadata?.toString()])).toEqual([
      ["a", "p=q;r"],
      ["b", undefined],
      ["c", undefined],
    ]);
  });

  it("joins headers that a getter answers one by one", () => {
    const getter = { get: () => ["a=1", "b=2"], keys: () => [] };
    const context = BUILT_IN_PROPAGATORS.baggage!.extract(ROOT_CONTEXT, {}, getter);
    expect(propagation.getBaggage(context)?.getAllEntries()).toEqual([
      ["a", { value: "1" }],
      ["b", { value: "2" }],
    ]);
  });
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc
    .array(fc.constantFrom("00", "-", TRACE, SPAN, "ff", ",", " ", "=", ";", "%", "a", "\u0000"), {
      maxLength: 40,
    })
    .map((parts) => parts.join("")),
  fc.string({ maxLength: 8 }).map((part) => part.repeat(20_000)),
);

it("reads the traceparents that the official propagator reads, and no other", () => {
  const official = new W3CTraceContextPropagator();
  const part = (good: string): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(good) },
      fc.constantFrom(good.toUpperCase(), good.slice(1), `${good}0`, good.replace(/./, "g"), ""),
      fc.constantFrom("ff", "01", "0".repeat(good.length)),
    );
  const header = fc
    .tuple(part("00"), part(TRACE), part(SPAN), part("01"), fc.constantFrom("", "", "-", "-x", "x"))
    .map(
      ([version, traceId, spanId, flags, more]) =>
        `${version}-${traceId}-${spanId}-${flags}${more}`,
    );
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(header, (traceparent) => {
      const theirs = official.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter);
      const ours = parentOf({ traceparent });
      seen.add(ours === undefined);
      expect(ours).toEqual(trace.getSpanContext(theirs));
    }),
    { numRuns: 3_000 },
  );
  expect(seen.size).toBe(2);
});

it("no header value throws, takes long or makes an invalid parent", () => {
  fc.assert(
    fc.property(text, text, text, (traceparent, tracestate, baggage) => {
      const startedAt = performance.now();
      const headers = { traceparent, tracestate, baggage };
      const context: Context = extractContext(w3c, carrierOf(headers));
      const parent = trace.getSpanContext(context);
      parent?.traceState?.serialize();
      expect(parent?.traceId ?? TRACE).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(parent?.spanId ?? SPAN).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
      expect(performance.now() - startedAt).toBeLessThan(500);
    }),
    { numRuns: 500 },
  );
});

describe("several propagators", () => {
  const faulty: TextMapPropagator<unknown> = {
    inject: () => raise(),
    extract: () => raise(),
    fields: () => ["x-faulty"],
  };
  const raise = (): never => {
    throw new Error("a fault");
  };
  const good = BUILT_IN_PROPAGATORS.tracecontext!;

  test.each([
    ["before", [faulty, good]],
    ["after", [good, faulty]],
  ])("a faulty one %s the others does not stop them", (_, propagators) => {
    const both = compositePropagator(propagators) as TextMapPropagator<Carrier>;
    const carrier = carrierOf({ traceparent: GOOD });
    expect(trace.getSpanContext(extractContext(both, carrier))?.spanId).toBe(SPAN);
  });

  it("one that answers nothing leaves what the others found", () => {
    const silent = { ...faulty, extract: () => undefined as never };
    const both = compositePropagator([good, silent]) as TextMapPropagator<Carrier>;
    const carrier = carrierOf({ traceparent: GOOD });
    expect(trace.getSpanContext(extractContext(both, carrier))?.spanId).toBe(SPAN);
  });

  it("a carrier that throws begins a new trace", () => {
    const carrier: Carrier = { get: raise, keys: raise };
    expect(extractContext(w3c, carrier)).toBe(ROOT_CONTEXT);
  });

  it("see all names of a carrier, and a missing header as undefined", () => {
    const seen: unknown[] = [];
    const curious: TextMapPropagator<unknown> = {
      ...faulty,
      extract(context, carrier, getter) {
        seen.push(getter.keys(carrier), getter.get(carrier, "x-none"), getter.get(carrier, "b"));
        return context;
      },
    };
    const one = compositePropagator([curious]) as TextMapPropagator<Carrier>;
    extractContext(one, new Headers({ b: "2", a: "1" }));
    expect(seen).toEqual([["a", "b"], undefined, "2"]);
  });
});
