import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { rateLimited } from "../../../src/sample/rate-limited.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { isKept, parentWith, randomWords, told } from "./sampling.ts";

/** The times at which a trace was kept, asked every `stepMs` of a minute, or at random ones. */
function keptTimes(perSecond: number, burst: number, stepMs: () => number): number[] {
  const clock = createManualClock(1_000_000);
  const sampler = rateLimited(perSecond, { burst, clock });
  const start = clock.now();
  const kept: number[] = [];
  while (clock.now() < start + 60_000) {
    if (isKept(sampler)) kept.push(clock.now() - start);
    clock.advance(stepMs());
  }
  return kept;
}

/** The most and the fewest that lie in any window of that length. */
function inWindows(times: readonly number[], lengthMs: number): [fewest: number, most: number] {
  const counts: number[] = [];
  for (let from = 0; from + lengthMs <= 60_000; from += 1)
    counts.push(times.filter((time) => time >= from && time < from + lengthMs).length);
  return [Math.min(...counts), Math.max(...counts)];
}

describe("under more requests than its budget", () => {
  test.each([1, 2, 3, 7, 10, 50, 100])(
    "%d a second are kept within 1 of that in every second, wherever it begins",
    (perSecond) => {
      const [fewest, most] = inWindows(
        keptTimes(perSecond, 1, () => 1),
        1_000,
      );
      expect(fewest).toBeGreaterThanOrEqual(perSecond - 1);
      expect(most).toBeLessThanOrEqual(perSecond + 1);
    },
  );

  test.each([
    [0.1, 10_000],
    [0.5, 10_000],
    [10, 10_000],
  ])(
    "%d a second are kept within 1 of its budget in every window of %d ms",
    (perSecond, lengthMs) => {
      const budget = (perSecond * lengthMs) / 1_000;
      const [fewest, most] = inWindows(
        keptTimes(perSecond, 1, () => 5),
        lengthMs,
      );
      expect(fewest).toBeGreaterThanOrEqual(budget - 1);
      expect(most).toBeLessThanOrEqual(budget + 1);
    },
  );
});

it("never keeps more in any window than its budget and one burst, whenever requests come", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom(1, 5, 20),
      fc.constantFrom(1, 4, 20),
      (seed, rate, burst) => {
        const word = randomWords(seed);
        const times = keptTimes(rate, burst, () => word() % (word() % 8 === 0 ? 3_000 : 40));
        for (const [at, from] of times.entries())
          for (let until = at; until < Math.min(times.length, at + 60); until++) {
            const lengthMs = (times[until] ?? 0) - from;
            expect(until - at + 1).toBeLessThanOrEqual((rate * lengthMs) / 1_000 + burst + 1e-6);
          }
      },
    ),
    { numRuns: 30, seed: 7 },
  );
}, 20_000);

describe("a burst", () => {
  it("of that many is kept at once after a quiet time, and no more", () => {
    const clock = createManualClock(1_000_000);
    const sampler = rateLimited(2, { burst: 4, clock });
    const askTimes = (count: number) => Array.from({ length: count }, () => isKept(sampler));
    const first = askTimes(6);
    clock.advance(500);
    const later = askTimes(2);
    clock.advance(60_000);
    const again = askTimes(6);
    expect([first, later, again]).toEqual([
      [true, true, true, true, false, false],
      [true, false],
      [true, true, true, true, false, false],
    ]);
  });

  it("is one by default", () => {
    const sampler = rateLimited(1_000, { clock: createManualClock(5) });
    expect([isKept(sampler), isKept(sampler)]).toEqual([true, false]);
  });
});

it("blocks for no longer than one interval after the clock was set back", () => {
  const clock = createManualClock(1_000_000);
  const sampler = rateLimited(1, { clock });
  const before = isKept(sampler);
  clock.advance(-500_000);
  const at = isKept(sampler);
  clock.advance(1_000);
  expect([before, at, isKept(sampler)]).toEqual([true, false, true]);
});

it("counts no trace that a caller has decided about, unless it is told to", () => {
  const clock = createManualClock(0);
  const context = parentWith({ traceFlags: 1 });
  const following = rateLimited(1, { clock });
  const own = rateLimited(1, { clock, parentBased: false });
  expect([1, 2, 3].map(() => isKept(following, { context }))).toEqual([true, true, true]);
  expect(isKept(following)).toBe(true);
  expect([1, 2, 3].map(() => isKept(own, { context }))).toEqual([true, false, false]);
});

it("tells no threshold, as its share of all traces is not known", () => {
  const sampler = rateLimited(1, { clock: createManualClock(0), parentBased: false });
  const context = parentWith({ traceState: "ot=th:8;x:1,v=1" });
  expect([told(sampler, { context }), told(sampler, { context })]).toEqual([
    [true, "ot=x:1,v=1"],
    [false, "ot=x:1,v=1"],
  ]);
});

it("keeps nothing by a clock that tells no time, or at a rate that no time is long enough for", () => {
  const broken = createManualClock(Number.NaN);
  expect(
    [rateLimited(1, { clock: broken }), rateLimited(5e-324)].map((sampler) => isKept(sampler)),
  ).toEqual([false, false]);
});

test.each<[rate: number, burst: number, message: string]>([
  [0, 1, "rate 0 must be above 0 in a second"],
  [Number.NaN, 1, "rate NaN must be above 0 in a second"],
  [1, 0.5, "burst 0.5 must be 1 or more"],
])("a rate of %d with bursts of %d is refused", (rate, burst, message) => {
  expect(() => rateLimited(rate, { burst })).toThrow(new RangeError(message));
});
