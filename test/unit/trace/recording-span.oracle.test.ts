/**
 * The official SDK as the oracle: the same calls on its span and on ours give the same OTLP.
 *
 * Where ours differs on purpose the generator stays away, and recording-span.test.ts asserts it:
 * NaN and the infinities are text, null is left out, a bigint, a Date and an Error are text,
 * values deeper than four levels are cut, events take objects too, an exception's numeric code
 * is not its type, an empty message is told, a length limit of 0 cuts to nothing, and a null, a bigint or an empty key does not count
 * as dropped. An HrTime is kept to the precision of milliseconds in a number (a quarter of a
 * microsecond), so that the times generated here are whole microseconds over whole quarters.
 */
import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  type TimeInput,
  trace,
} from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { type IdGenerator, type ReadableSpan, TracerProvider } from "@opentelemetry/sdk-trace";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Tracing } from "../../../src/trace/tracing.ts";
import { startSpan } from "../../../src/trace/start-span.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { scopeWith } from "../tracing.ts";

const START_MS = Date.UTC(2026, 0, 1);
const ids: IdGenerator = {
  generateTraceId: () => "0af7651916cd43dd8448eb211c80319c",
  generateSpanId: () => "b7ad6b7169203331",
};
const SCOPE = { name: "oracle", version: "1.2.3" };

const key = fc.constantFrom("a", "b", "c", "d", "__proto__x", "ключ");
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const finite = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const simple = fc.oneof(text, finite, fc.boolean());
const homogeneous = fc.oneof(fc.array(text), fc.array(finite), fc.array(fc.boolean()));
const bytes = fc.uint8Array({ maxLength: 8 });
const nested = fc.dictionary(key, fc.oneof(simple, homogeneous, fc.array(simple)), { maxKeys: 3 });
const value = fc.oneof(simple, homogeneous, fc.array(simple), bytes, nested);
const attributes = fc.dictionary(key, fc.oneof(value, fc.constant(undefined)), { maxKeys: 5 });
const simpleAttributes = fc.dictionary(key, fc.oneof(simple, homogeneous), { maxKeys: 5 });

const offset = fc.integer({ min: -5_000, max: 600_000 });
const time: fc.Arbitrary<TimeInput> = fc.oneof(
  offset.map((ms) => START_MS + ms),
  offset.map((ms) => START_MS + ms / 4),
  offset.map((ms) => new Date(START_MS + ms)),
  offset.map((ms): [number, number] => [
    START_MS / 1000 + Math.floor(ms / 1000),
    (((ms % 1000) + 1000) % 1000) * 1_000_000 + 250_000,
  ]),
);

const link = fc.record({
  context: fc.record({
    traceId: fc.constantFrom("1".repeat(32), "2".repeat(32)),
    spanId: fc.constantFrom("3".repeat(16), "4".repeat(16)),
    traceFlags: fc.constantFrom(0, 1),
    isRemote: fc.boolean(),
  }),
  attributes: fc.oneof(attributes, fc.constant(undefined)),
});

type Call = (span: Span) => void;
const call = (...parts: [keyof Span, ...fc.Arbitrary<unknown>[]]): fc.Arbitrary<Call> => {
  const [method, ...args] = parts;
  const apply =
    (values: unknown[]): Call =>
    (span) =>
      Reflect.apply(span[method], span, values);
  return fc
    .tuple(...args)
    .map((values) =>
      Object.assign(apply(values), { toString: () => `${method}(${fc.stringify(values)})` }),
    );
};

const message = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const error = fc.oneof(
  message,
  fc.record(
    { name: fc.constantFrom("E", "F"), message, stack: fc.constantFrom("s", "t") },
    // The official span throws for an object without prototype.
    { requiredKeys: [], noNullPrototype: true },
  ),
  fc.record({ code: fc.constantFrom("ENOENT", "EPIPE"), message }),
);

const calls = fc.array(
  fc.oneof(
    call("setAttribute", key, value),
    call("setAttributes", attributes),
    call("addEvent", text, simpleAttributes, time),
    call("addEvent", text, time),
    call("addLink", link),
    call("addLinks", fc.array(link, { maxLength: 3 })),
    call(
      "setStatus",
      fc.record({ code: fc.constantFrom(0, 1, 2), message: text }, { requiredKeys: ["code"] }),
    ),
    call("updateName", text),
    call("recordException", error, time),
    { weight: 1, arbitrary: call("end", time) },
  ),
  { maxLength: 15 },
);

const start = fc.record(
  {
    kind: fc.constantFrom(0, 1, 2, 3, 4),
    attributes,
    links: fc.array(link, { maxLength: 4 }),
    root: fc.boolean(),
  },
  { requiredKeys: [] },
);

const limit = fc.integer({ min: 0, max: 4 });
const limits: fc.Arbitrary<Tracing["limits"]> = fc.record({
  attributeCountLimit: fc.constantFrom(2, 128),
  attributeValueLengthLimit: fc.constantFrom(1, 5, Number.POSITIVE_INFINITY),
  eventCountLimit: limit,
  linkCountLimit: limit,
  attributePerEventCountLimit: limit,
  attributePerLinkCountLimit: limit,
  maxSpans: fc.constant(1_000),
  maxBytes: fc.constant(2_000_000),
});

const parent = fc.constantFrom(
  ROOT_CONTEXT,
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId: "5".repeat(32),
    spanId: "6".repeat(16),
    traceFlags: 1,
    isRemote: true,
  }),
  trace.setSpanContext(ROOT_CONTEXT, { traceId: "no", spanId: "no", traceFlags: 1 }),
);

function otlp(span: ReadableSpan | undefined): unknown {
  if (!span) return undefined;
  const request = JSON.parse(
    new TextDecoder().decode(JsonTraceSerializer.serializeRequest([span])),
  ) as { resourceSpans: { scopeSpans: unknown }[] };
  return request.resourceSpans[0]!.scopeSpans;
}

it("our span becomes the same OTLP as the official SDK's after any sequence of calls", () => {
  fc.assert(
    fc.property(start, parent, limits, calls, time, (options, context, spanLimits, all, end) => {
      const settings: { attributes?: Attributes } = options;
      const begin = { ...settings, startTime: START_MS };
      const provider = new TracerProvider({
        idGenerator: ids,
        spanLimits,
      });
      const official = provider
        .getTracer(SCOPE.name, SCOPE.version)
        .startSpan("start", structuredClone(begin), context);
      const clock = createManualClock(START_MS);
      const scope = scopeWith({ ids, limits: spanLimits, clock });
      const ours = startSpan(scope, SCOPE, "start", structuredClone(begin), context);
      for (const span of [official, ours]) {
        for (const apply of all) apply(span);
        span.end(end);
      }
      expect(otlp(scope.take()[0])).toEqual(otlp(official as unknown as ReadableSpan));
    }),
    { numRuns: 1_500 },
  );
});
