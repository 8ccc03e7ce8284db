import {
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  isSpanContextValid,
  trace,
} from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { HEAD_SAMPLERS, createHeadSampler } from "../../../src/sample/head.ts";

const OFFICIAL: Record<string, (ratio: number) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) =>
    new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

const HEX = Array.from("0123456789abcdef");

const hex = (length: number): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.string({
        unit: fc.constantFrom(...HEX),
        minLength: length,
        maxLength: length,
      }),
    },
    fc.constant("0".repeat(length)),
    fc.constantFrom("", "zz", "F".repeat(length)),
  );

const hexId = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString("hex"))
  .filter((id) => /[^0]/.test(id));

const spanContext = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceFlags: fc.constantFrom(0, 1, 2, 3, 255),
  isRemote: fc.boolean(),
});

const parent: fc.Arbitrary<Context> = fc.oneof(
  fc.constant(ROOT_CONTEXT),
  spanContext.map((context) => trace.setSpanContext(ROOT_CONTEXT, context)),
);

function decide(sampler: Sampler, context: Context, traceId: string): number {
  return sampler.shouldSample(context, traceId, "name", SpanKind.SERVER, {}, []).decision;
}

describe("a named sampler decides as the official SDK's class does", () => {
  it("has all the names of the specification and no other", () => {
    expect(Object.keys(HEAD_SAMPLERS).toSorted()).toEqual(Object.keys(OFFICIAL).toSorted());
  });

  test.each(Object.keys(OFFICIAL))("%s", (name) => {
    const ratio = fc.oneof(fc.constantFrom(0, 1, 0.5), fc.double({ min: 0, max: 1, noNaN: true }));
    const seen = new Set<number>();
    fc.assert(
      fc.property(parent, hexId, ratio, (context, fresh, share) => {
        // A span with a valid parent has its trace id, else a new one.
        const own = trace.getSpanContext(context);
        const traceId = own && isSpanContextValid(own) ? own.traceId : fresh;
        const ours = decide(createHeadSampler(name, share), context, traceId);
        seen.add(ours);
        expect(ours).toBe(decide(OFFICIAL[name]!(share), context, traceId));
      }),
      { numRuns: 3_000 },
    );
    const both = name.includes("ratio") || name.startsWith("parentbased");
    expect(seen.size).toBe(both ? 2 : 1);
  });
});

test.each([
  ["always_on", "always_on{1}"],
  ["always_off", "always_off{0}"],
  ["traceidratio", "traceidratio{0.25}"],
  ["parentbased_always_on", "parentbased_always_on{1}"],
  ["parentbased_always_off", "parentbased_always_off{0}"],
  ["parentbased_traceidratio", "parentbased_traceidratio{0.25}"],
])("%s describes itself as %s", (name, description) => {
  expect(createHeadSampler(name, 0.25).toString()).toBe(description);
});

it("a ratio samples about its share of random traces", () => {
  const sampler = createHeadSampler("traceidratio", 0.25);
  const ids = fc.sample(hexId, { numRuns: 20_000, seed: 7 });
  const sampled = ids.filter((id) => decide(sampler, ROOT_CONTEXT, id) === 2).length;
  expect(sampled / ids.length).toBeCloseTo(0.25, 1);
});
