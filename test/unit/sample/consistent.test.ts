import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  reaches,
  thresholdIn,
  thresholdOf,
  withThreshold,
} from "../../../src/sample/consistent.ts";
import { parseTraceState } from "../../../src/trace/trace-state.ts";

/** 2⁵⁶ times the ratio, in whole numbers alone: a double is a whole number over a power of two. */
function exactly(ratio: number): bigint {
  let over = 0n;
  let whole = ratio;
  for (; !Number.isInteger(whole); whole *= 2) over++;
  const scaled = BigInt(whole) << 56n;
  const half = over > 0n ? 1n << (over - 1n) : 0n;
  return (scaled + half) >> over;
}

describe("the threshold of a ratio", () => {
  test.each([
    [1, "0"],
    [0.5, "8"],
    [0.25, "c"],
    [0.75, "4"],
    [0.1, "e6666666666666"],
    [0.01, "fd70a3d70a3d71"],
    [1e-6, "ffffef39085f4a"],
    [2 ** -56, "ffffffffffffff"],
    [1 - 2 ** -53, "00000000000008"],
  ])("of %d is %s, as the specification's formula says", (ratio, threshold) => {
    expect(thresholdOf(ratio)).toBe(threshold);
  });

  it("is right to the last of its 14 digits, for any ratio", () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -56, max: 1, noNaN: true }), (ratio) => {
        const threshold = (1n << 56n) - exactly(ratio);
        expect(BigInt(`0x${thresholdOf(ratio).padEnd(14, "0")}`)).toBe(threshold);
      }),
      { numRuns: 5_000, seed: 7 },
    );
  });

  test.each([-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %d, and says what a ratio is",
    (ratio) => {
      expect(() => thresholdOf(ratio)).toThrow(
        new RangeError(`ratio ${ratio} must be from 0 to 1`),
      );
    },
  );
});

const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...Array.from("0123456789abcdef")),
    minLength: length,
    maxLength: length,
  });

describe("whether a trace is kept", () => {
  it("is whether the last 56 bits of its id are at least the threshold, as numbers", () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(digits(32), fc.double({ min: 2 ** -56, max: 1, noNaN: true }), (id, ratio) => {
        const isKept = reaches(thresholdOf(ratio), id, undefined);
        seen.add(isKept);
        expect(isKept).toBe(BigInt(`0x${id.slice(18)}`) >= (1n << 56n) - exactly(ratio));
      }),
      { numRuns: 5_000, seed: 7 },
    );
    expect(seen.size).toBe(2);
  });

  it("is decided at the last digit, where all others are equal", () => {
    const threshold = thresholdOf(0.1);
    const id = (last: string): string => `${"0".repeat(18)}e666666666666${last}`;
    expect(["5", "6", "7"].map((last) => reaches(threshold, id(last), undefined))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("is decided by `rv` where there is one, whatever the id", () => {
    fc.assert(
      fc.property(
        digits(32),
        digits(14),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (id, rv, ratio) => {
          const state = parseTraceState(`vendor=1,ot=x:1;rv:${rv};th:8`);
          const own = reaches(thresholdOf(ratio), "0".repeat(18) + rv, undefined);
          expect(reaches(thresholdOf(ratio), id, state)).toBe(own);
        },
      ),
      { numRuns: 1_000, seed: 7 },
    );
  });

  test.each(["rv:e5", "rv:ffffffffffffff0", "rv:FFFFFFFFFFFFFF", "xrv:ffffffffffffff"])(
    "takes no notice of %s, which is no randomness",
    (field) => {
      expect(reaches("8", "0".repeat(32), parseTraceState(`ot=${field}`))).toBe(false);
    },
  );

  it("is never so at a ratio of 0, and always at 1", () => {
    const ids = ["0".repeat(32), "f".repeat(32)];
    expect(ids.map((id) => reaches(thresholdOf(0), id, undefined))).toEqual([false, false]);
    expect(ids.map((id) => reaches(thresholdOf(1), id, undefined))).toEqual([true, true]);
  });
});

describe("the tracestate with a threshold", () => {
  test.each<[before: string | undefined, threshold: string | undefined, after: string]>([
    [undefined, "c", "ot=th:c"],
    ["vendor=1", "c", "ot=th:c,vendor=1"],
    ["vendor=1,ot=th:8", "c", "ot=th:c,vendor=1"],
    ["vendor=1,ot=th:8", undefined, "vendor=1"],
    ["ot=th:8", undefined, ""],
    ["ot=x:1;th:8;rv:ffffffffffffff", "c", "ot=th:c;rv:ffffffffffffff;x:1"],
    ["vendor=1,ot=x:1;th:8", undefined, "ot=x:1,vendor=1"],
    ["ot=;;x:1;", "0", "ot=th:0;x:1"],
    // What is no field, or no randomness, would have the Collector's sampler drop the span.
    ["ot=junk;X:1;a:b c;x:1;rv:ff;rv:FFFFFFFFFFFFFF", "8", "ot=th:8;x:1"],
    ["ot=junk", "8", "ot=th:8"],
  ])("of %j and %j is %j", (before, threshold, after) => {
    const state = before === undefined ? undefined : parseTraceState(before);
    expect(withThreshold(state, threshold).serialize()).toBe(after);
  });

  it("stays valid and within 256 characters and 32 members, and keeps what was random", () => {
    const field = fc
      .tuple(fc.stringMatching(/^[a-z][a-z\d]$/), fc.stringMatching(/^[a-z\d.]{0,120}$/))
      .map((pair) => pair.join(":"));
    const value = fc
      .tuple(fc.array(field, { maxLength: 12 }), digits(14))
      .map(([fields, rv]) => [...fields, `rv:${rv}`].join(";").slice(-256));
    const members = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,9}$/), { maxLength: 31 });
    fc.assert(
      fc.property(value, members, (ot, keys) => {
        const before = parseTraceState([...keys.map((key) => `${key}=1`), `ot=${ot}`].join());
        const after = withThreshold(before, "c");
        const own = after.get("ot") ?? "";
        expect(own).toMatch(/^th:c;rv:[\da-f]{14}(;[a-z][a-z\d]*:[\w.-]*)*$/);
        expect(own.length).toBeLessThanOrEqual(256);
        expect(parseTraceState(after.serialize())?.serialize()).toBe(after.serialize());
        expect(after.serialize().split(",").length).toBe(keys.length + 1);
        expect(thresholdIn(after)).toBe("c");
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });

  it("drops the last of 32 members for its own, as the list may have no more", () => {
    const keys = Array.from({ length: 32 }, (_, at) => `k${at}=1`);
    const after = withThreshold(parseTraceState(keys.join()), "c").serialize().split(",");
    expect(after).toEqual(["ot=th:c", ...keys.slice(0, 31)]);
  });
});
