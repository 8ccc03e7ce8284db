import type { TimeInput } from "@opentelemetry/api";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { toEpochMs, toHrTime } from "../../../src/trace/time.ts";

describe("toHrTime", () => {
  test.each([
    [0, [0, 0]],
    [1, [0, 1_000_000]],
    [999, [0, 999_000_000]],
    [1_000, [1, 0]],
    [1.000_001, [0, 1_000_001]],
    [0.000_000_4, [0, 0]],
    [999.999_999_9, [1, 0]],
    [1_767_225_600_123, [1_767_225_600, 123_000_000]],
    [1_767_225_600_123.5, [1_767_225_600, 123_500_000]],
  ])("%d ms is %j", (ms, expected) => {
    expect(toHrTime(ms)).toEqual(expected);
  });

  it("has whole nanoseconds below one second, within half a nanosecond of what a number can hold", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4e12, noNaN: true }), (ms) => {
        const [seconds, nanos] = toHrTime(ms);
        expect([seconds, nanos].every(Number.isInteger)).toBe(true);
        expect(nanos).toBeGreaterThanOrEqual(0);
        expect(nanos).toBeLessThan(1e9);
        expect(Math.abs(seconds * 1e3 + nanos / 1e6 - ms)).toBeLessThanOrEqual(
          0.5e-6 + ms * 2 * Number.EPSILON,
        );
      }),
    );
  });
});

describe("toEpochMs", () => {
  const origin = 1_767_225_600_000;
  test.each<[string, TimeInput, number]>([
    ["a Date", new Date(5), 5],
    ["an HrTime", [1, 2_500_000], 1_002.5],
    ["milliseconds since the epoch", origin, origin],
    ["a value of performance.now()", 1.5, origin + 1.5],
  ])("reads %s", (_, input, expected) => {
    expect(toEpochMs(input, origin)).toBe(expected);
  });

  test.each([["2026-01-01"], [null], [{}], [true], [undefined], [new Date(-1)], [1.8e13]])(
    "answers nothing for %j",
    (input) => {
      expect(toEpochMs(input as never, origin)).toBeUndefined();
    },
  );
});
