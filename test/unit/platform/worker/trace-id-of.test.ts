import * as fc from "fast-check";
import { expect, test } from "vitest";
import { traceIdOf } from "../../../../src/platform/worker/trace-id-of.ts";

test("is a valid trace id, whatever the name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      expect(traceIdOf(name)).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    }),
  );
});

test("stays the same from release to release, as instances outlive deployments", () => {
  expect(traceIdOf("orders/one")).toBe("41ce8ece07766db18e76172ac727b2c2");
});

test("differs between 100,000 names that are alike, evenly enough to be sampled by ratio", () => {
  const ids = Array.from({ length: 100_000 }, (_, index) => traceIdOf(`orders/${index}`));
  expect(new Set(ids).size).toBe(ids.length);
  // The part by which the specification's ratio sampler decides.
  for (const at of [0, 8, 16, 24]) {
    const below = ids.filter((id) => Number.parseInt(id.slice(at, at + 8), 16) < 2 ** 30).length;
    expect(Math.abs(below - 25_000)).toBeLessThan(1_000);
  }
});
