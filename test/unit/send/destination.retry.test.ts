import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import type { AttemptResult } from "../../../src/send/attempt.ts";
import { resultOfStatus } from "../../../src/send/send.ts";
import { BUSY, DELIVERED, NOTHING_DROPPED, batch, counts, delivering } from "./delivering.ts";

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => void vi.useRealTimers());

const in30s = (): number => Date.now() + 30_000;

describe("a patient caller", () => {
  test.each([
    [0, [0, 100, 300, 700, 1_500, 3_100]],
    [1, [0, 200, 600, 1_400, 3_000, 6_200]],
  ])("tries again after pauses that double, with jitter %i", async (jitter, expected) => {
    const outcomes = [BUSY, BUSY, BUSY, BUSY, BUSY, DELIVERED];
    const made = delivering(outcomes, { random: () => jitter });
    made.destination.add(batch("a", "b"));
    const done = made.destination.drain(in30s(), true);
    await vi.advanceTimersByTimeAsync(30_000);
    await done;
    expect(made.attempts.map(({ at }) => at)).toEqual(expected);
    expect(counts(made)).toEqual({
      recorded: 2,
      exported: 2,
      queued: 0,
      retried: 10,
      dropped: NOTHING_DROPPED,
    });
  });

  it("never pauses for longer than 30 s", async () => {
    const made = delivering([BUSY], { random: () => 1 });
    made.destination.add(batch("a"));
    void made.destination.drain(Date.now() + 1_000_000, true);
    await vi.advanceTimersByTimeAsync(400_000);
    const pauses = made.attempts.map(({ at }, n) => at - (made.attempts[n - 1]?.at ?? 0));
    expect(pauses.slice(9)).toEqual(pauses.slice(9).map(() => 30_000));
    expect(pauses.length).toBeGreaterThan(15);
  });

  it("gives up where its deadline comes before the next attempt, and keeps all", async () => {
    const made = delivering([BUSY]);
    made.destination.add(batch("a", "b"));
    void made.destination.drain(Date.now() + 500, true);
    await vi.advanceTimersByTimeAsync(500);
    expect([made.attempts.map(({ at, budgetMs }) => [at, budgetMs]), counts(made)]).toEqual([
      [
        [0, 500],
        [100, 400],
        [300, 200],
      ],
      { recorded: 2, exported: 0, queued: 2, retried: 6, dropped: NOTHING_DROPPED },
    ]);
  });

  it("starts with the short pause again after a success", async () => {
    const made = delivering([BUSY, BUSY, BUSY, DELIVERED, BUSY, DELIVERED]);
    for (const name of ["a", "b"]) made.destination.add(batch(name));
    const done = made.destination.drain(in30s(), true);
    await vi.advanceTimersByTimeAsync(30_000);
    await done;
    expect(made.attempts.map(({ at, names }) => [names, at])).toEqual([
      ["a", 0],
      ["a", 100],
      ["a", 300],
      ["a", 700],
      ["b", 700],
      ["b", 800],
    ]);
  });
});

describe("a Retry-After", () => {
  const until = new Date(Date.UTC(2026, 0, 1, 0, 0, 20)).toUTCString();
  test.each<[string, AttemptResult, number]>([
    ["in seconds is waited for", resultOfStatus(429, "7"), 7_000],
    ["shorter than the pause changes nothing", resultOfStatus(503, "0.05"), 100],
    ["as long as hours is cut", { ...BUSY, retryAfterMs: 86_400_000 } as AttemptResult, 600_000],
    ["without an end is cut", resultOfStatus(429, "Infinity"), 600_000],
  ])("%s", async (_, refused, at) => {
    const made = delivering([refused, DELIVERED]);
    made.destination.add(batch("a"));
    const done = made.destination.drain(Date.now() + 1_000_000, true);
    await vi.advanceTimersByTimeAsync(at);
    await done;
    expect(made.attempts.map((one) => one.at)).toEqual([0, at]);
  });

  it("as a date is waited for", async () => {
    const made = delivering([resultOfStatus(429, until), DELIVERED]);
    made.destination.add(batch("a"));
    const done = made.destination.drain(in30s(), true);
    await vi.advanceTimersByTimeAsync(20_000);
    await done;
    expect(made.attempts.map((one) => one.at)).toEqual([0, 20_000]);
  });

  it("beyond the deadline is not waited for by anyone, and pauses the destination", async () => {
    const made = delivering([resultOfStatus(429, "60"), DELIVERED]);
    made.destination.add(batch("a"));
    await made.destination.drain(in30s(), true);
    await made.destination.drain(in30s(), true);
    expect([made.sent(), made.destination.isPaused(30_000)]).toEqual([["a"], true]);
    await vi.advanceTimersByTimeAsync(60_000);
    await made.destination.drain(in30s(), true);
    expect(made.sent()).toEqual(["a", "a"]);
  });
});

describe("an impatient caller", () => {
  it("gives up after three failures", async () => {
    const made = delivering([BUSY]);
    made.destination.add(batch("a"));
    const startedAt = Date.now();
    const done = made.destination.drain(in30s(), false).then(() => Date.now() - startedAt);
    await vi.advanceTimersByTimeAsync(30_000);
    expect([await done, made.attempts.length]).toEqual([300, 3]);
    expect(made.notices).toEqual(["1 spans wait for https://backend/v1/traces: HTTP status 503"]);
  });

  test.each([
    ["a slow failure", { tookMs: 1_000, result: BUSY }],
    ["a failure that asks for a long pause", { ...BUSY, retryAfterMs: 1_000 } as AttemptResult],
  ])("gives up after %s", async (_, outcome) => {
    const made = delivering([outcome]);
    made.destination.add(batch("a"));
    const done = made.destination.drain(in30s(), false);
    await vi.advanceTimersByTimeAsync(30_000);
    await done;
    expect(made.sent()).toEqual(["a"]);
  });

  it("makes one attempt once the pause is over, and none before", async () => {
    const made = delivering([BUSY]);
    made.destination.add(batch("a"));
    const first = made.destination.drain(in30s(), false);
    await vi.advanceTimersByTimeAsync(300);
    await first;
    await vi.advanceTimersByTimeAsync(399);
    await made.destination.drain(in30s(), false);
    const before = made.attempts.length;
    await vi.advanceTimersByTimeAsync(1);
    await made.destination.drain(in30s(), false);
    expect([before, made.attempts.length]).toEqual([3, 4]);
  });
});

describe("a caller who has the last chance", () => {
  it("makes one attempt whatever the pause, and sends all if that succeeds", async () => {
    const made = delivering([BUSY, BUSY, BUSY, BUSY, DELIVERED]);
    made.destination.add(batch("a"));
    const first = made.destination.drain(in30s(), false);
    await vi.advanceTimersByTimeAsync(300);
    await first;
    await made.destination.drain(in30s());
    const failed = made.attempts.length;
    await made.destination.drain(in30s());
    expect([failed, made.sent()]).toEqual([4, ["a", "a", "a", "a", "a"]]);
  });
});

describe("while the destination fails", () => {
  it("one caller at a time tries again, and all others go at once", async () => {
    const made = delivering([BUSY, BUSY, BUSY, { tookMs: 50, result: DELIVERED }]);
    made.destination.add(batch("a"));
    const retrier = made.destination.drain(in30s(), true);
    await vi.advanceTimersByTimeAsync(150);
    const paused = made.destination.isPaused(0);
    made.destination.add(batch("b"));
    const gone = [];
    for (const patient of [true, false])
      gone.push(await made.destination.drain(in30s(), patient).then(() => made.attempts.length));
    await vi.advanceTimersByTimeAsync(30_000);
    await retrier;
    expect([paused, gone, made.sent(), made.destination.isPaused(0)]).toEqual([
      true,
      [2, 2],
      ["a", "a", "a,b", "a,b"],
      false,
    ]);
  });

  it("another takes over from a retrier that is gone, once its time is over", async () => {
    const made = delivering([BUSY, "never", DELIVERED]);
    made.destination.add(batch("a"));
    void made.destination.drain(in30s(), true);
    await vi.advanceTimersByTimeAsync(11_000);
    await made.destination.drain(in30s(), true);
    const before = made.sent();
    await vi.advanceTimersByTimeAsync(101);
    await made.destination.drain(in30s(), true);
    expect([before, made.sent(), counts(made)]).toEqual([
      ["a", "a"],
      ["a", "a", "a"],
      { recorded: 1, exported: 1, queued: 0, retried: 2, dropped: NOTHING_DROPPED },
    ]);
  });

  it("attempts that began before the last failure do not lengthen the pause", async () => {
    const slow = { tookMs: 500, result: BUSY };
    const made = delivering([slow, slow, slow, DELIVERED]);
    for (const name of ["a", "b", "c"]) {
      made.destination.add(batch(name));
      void made.destination.drain(Date.now() + 550, true);
    }
    await vi.advanceTimersByTimeAsync(500);
    void made.destination.drain(in30s(), true);
    await vi.advanceTimersByTimeAsync(100);
    expect(made.attempts.map(({ at }) => at)).toEqual([0, 0, 0, 600, 600, 600]);
    expect(made.counters.exported).toBe(3);
  });
});
