/** One span with an odd value must never cost the other spans of its request. */
import { ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeJson } from "../../../src/encode/json.ts";
import { decodePartialSuccess, encodeProtobuf } from "../../../src/encode/proto.ts";
import { decodeOtlpJson } from "../../../src/testing/otlp-json.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { LIMITS, scopeWith } from "../tracing.ts";

const cycle: unknown[] = [];
cycle.push(cycle, { cycle });

const ODD: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
  ["1e300", 1e300],
  ["2^53", 2 ** 53],
  ["2^64", 2 ** 64],
  ["5e-324", 5e-324],
  ["a bigint", 2n ** 100n],
  ["a symbol", Symbol("s")],
  ["a function", () => 1],
  ["a class", class extends Map {}],
  ["a lone surrogate", "a\uD800b"],
  ["the other lone surrogate", "\uDC00"],
  ["control characters", "\u0000\u0007\u001F\u007F\u2028\u2029\n\r\t"],
  ["quotes and backslashes", '"\\\\"\\u0041</script>'],
  ["astral characters", "👩‍👩‍👧 𝒳"],
  ["a byte order mark", "\uFEFF"],
  ["a huge string", "ü".repeat(1_000_000)],
  ["a cycle", cycle],
  ["a date", new Date(0)],
  ["a date that is none", new Date(Number.NaN)],
  ["a map", new Map([["a", 1]])],
  ["a set", new Set([1])],
  ["an error", new TypeError("no")],
  ["a regular expression", /a/g],
  ["bytes", new Uint8Array([0, 255])],
  ["a buffer", Buffer.from("a")],
  ["floats", new Float64Array([1.5, Number.NaN])],
  ["64-bit integers", new BigInt64Array([1n])],
  ["an array buffer", new ArrayBuffer(4)],
  ["a sparse array", [1, , 3]], // oxlint-disable-line no-sparse-arrays -- what is tested
  ["an array of nothing", Array.from({ length: 3 })],
  ["an object that has a length", { length: {} }],
  ["an array with holes alone", Object.assign([], { length: 3 })],
  ["a mixed array", [1, "a", true, null, undefined, Number.NaN, [], {}, Symbol("s")]],
  ["nested objects", { a: { b: { c: { d: { e: 1 } } } } }],
  ["an object without prototype", Object.assign(Object.create(null) as object, { a: 1 })],
  ["an object without prototype and keys", Object.create(null)],
  ["a promise", Promise.resolve(1)],
  ["a weak map", new WeakMap()],
  ["a proxy", new Proxy({ a: 1 }, {})],
  [
    "a getter that throws",
    {
      get a(): never {
        throw new Error("no");
      },
    },
  ],
  [
    "a toString that throws",
    {
      toString() {
        throw new Error("no");
      },
    },
  ],
  [
    "a toJSON that throws",
    {
      toJSON() {
        throw new Error("no");
      },
    },
  ],
];

/** Encodings must carry what limits would cut. */
const WIDE = { ...LIMITS, maxBytes: 2 ** 53 };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** What a collector reads: the names, of spans and events. */
function read(spans: readonly ReadableSpan[]): string[] {
  const json = utf8.decode(encodeJson(spans));
  const strings: string[] = [];
  JSON.parse(json, (key, value: unknown) => void strings.push(key, String(value)));
  // An escaped lone surrogate is valid JSON, which collectors refuse all the same.
  expect(strings.filter((text) => !text.isWellFormed())).toEqual([]);
  const collected = decodeOtlpJson(json);
  return collected.flatMap(({ name, events }) => [name, events.map((event) => event.name)].flat());
}

const link = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };

/** A span that has the value wherever a value may stand, between two that are as they should be. */
function spansWith(value: unknown): ReadableSpan[] {
  const scope = scopeWith({ limits: WIDE });
  const open = (name: string): Span => startSpan(scope, OWN, name, {}, ROOT_CONTEXT);
  open("before").end();
  const attributes = { value, "": value, list: [value], nested: { value } } as never;
  const span = startSpan(scope, OWN, "odd", { attributes }, ROOT_CONTEXT);
  span.setAttributes(attributes);
  span.addEvent("event", attributes).addLink({ context: link, attributes });
  span.setStatus({ code: 2, message: value as never });
  span.recordException(value as never);
  span.end();
  open("after").end();
  return scope.take();
}

describe.each(ODD)("%s", (_, value) => {
  it("as an attribute spoils neither the JSON nor the protobuf of its request", () => {
    const spans = spansWith(value);
    const names = read(spans).filter((name) => name !== "exception");
    expect(names).toEqual(["before", "odd", "event", "after"]);
    expect(encodeProtobuf(spans).length).toBeGreaterThan(0);
  });

  it("as a name does not spoil the JSON of its request", () => {
    const scope = scopeWith({ limits: WIDE });
    startSpan(scope, OWN, value as string, {}, ROOT_CONTEXT)
      .addEvent(value as string)
      .end();
    startSpan(scope, OWN, "renamed", {}, ROOT_CONTEXT)
      .updateName(value as string)
      .end();
    startSpan(scope, OWN, "after", {}, ROOT_CONTEXT).end();
    const spans = scope.take();
    expect(read(spans).at(-1)).toBe("after");
  });
});

it(
  "whatever the value, the JSON of its request is read, and the protobuf is written",
  {
    timeout: 30_000,
  },
  () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
      withBoxedValues: true,
      withObjectString: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const spans = spansWith(value);
        expect(read(spans).at(-1)).toBe("after");
        expect(encodeProtobuf(spans).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  },
);

it("what a backend answers in protobuf is read by the official decoder", () => {
  const refused = Uint8Array.from([0x0a, 0x07, 0x08, 0x02, 0x12, 0x03, 0x6f, 0x6c, 0x64]);
  expect([decodePartialSuccess(refused), decodePartialSuccess(new Uint8Array())]).toEqual([
    { rejectedSpans: 2, errorMessage: "old" },
    undefined,
  ]);
  expect(() => decodePartialSuccess(Uint8Array.from([0x0a, 0x7f]))).toThrow(/./);
});
