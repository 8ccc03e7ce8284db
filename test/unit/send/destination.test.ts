import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import type { AttemptResult, Batch } from "../../../src/send/attempt.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { BUSY, DELIVERED, NOTHING_DROPPED, batch, counts, delivering } from "./delivering.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = createManualClock();
const now = clock.now;
const in30s = (): number => now() + 30_000;
const WHERE = "were not delivered to https://backend/v1/traces";

describe("spans", () => {
  it("leave as the batches that they came in, each with the time that is left", async () => {
    const made = delivering([DELIVERED], { now, timeoutMs: 300 });
    made.destination.add(batch("a", "b"));
    made.destination.add(batch("c"));
    await made.destination.drain(now() + 1_000, false);
    made.destination.add(batch("d"));
    await made.destination.drain(now() + 200, false);
    expect(made.attempts.map(({ names, budgetMs }) => [names, budgetMs])).toEqual([
      ["a,b", 300],
      ["c", 300],
      ["d", 200],
    ]);
    expect([counts(made), made.reports, made.notices]).toEqual([
      { recorded: 4, exported: 4, queued: 0, retried: 0, dropped: NOTHING_DROPPED },
      [],
      [],
    ]);
    expect(made.details[0]).toBe("2 spans to https://backend/v1/traces: delivered in 0 ms");
  });

  it("of a batch that is too long leave in parts", async () => {
    const made = delivering([DELIVERED], { now, maxBatchSize: 2 });
    made.destination.add(batch(1, 2, 3, 4, 5));
    await made.destination.drain(in30s(), false);
    expect(made.sent()).toEqual(["1,2", "3,4", "5"]);
  });

  it("beyond the cap are dropped, counted and reported; what is under way counts too", async () => {
    const made = delivering(["never"], { now, maxQueueSize: 3 });
    made.destination.add(batch(1, 2));
    void made.destination.drain(in30s(), true);
    made.destination.add(batch(3, 4, 5));
    made.destination.add(batch(6));
    expect([counts(made), made.reports]).toEqual([
      {
        recorded: 6,
        exported: 0,
        queued: 3,
        retried: 0,
        dropped: { ...NOTHING_DROPPED, queue_full: 3 },
      },
      [`2 spans ${WHERE}: the queue is full`, `1 spans ${WHERE}: the queue is full`],
    ]);
  });

  it("beyond about 16 MB are dropped and counted as well, until others have left", async () => {
    const made = delivering([BUSY, DELIVERED], { now });
    const large = (...of: number[]): Batch =>
      batch(...of).map((span) => Object.assign(span, { bytes: 4_000_000 }));
    for (let at = 0; at < 8; at++) made.destination.add(large(at));
    await made.destination.drain(now(), true);
    const full = counts(made);
    clock.advance(1_000);
    const sent = made.destination.drain(in30s());
    await vi.advanceTimersByTimeAsync(60_000);
    await sent;
    for (let at = 8; at < 16; at++) made.destination.add(large(at));
    expect([full, counts(made), made.reports.at(-1)]).toEqual([
      {
        recorded: 8,
        exported: 0,
        queued: 5,
        retried: 0,
        dropped: { ...NOTHING_DROPPED, queue_full: 3 },
      },
      {
        recorded: 16,
        exported: 5,
        queued: 5,
        retried: 1,
        dropped: { ...NOTHING_DROPPED, queue_full: 6 },
      },
      `1 spans ${WHERE}: the queue is full`,
    ]);
  });

  it("are not tried where no time is left", async () => {
    const made = delivering([DELIVERED], { now });
    made.destination.add(batch("a"));
    await made.destination.drain(now(), true);
    expect([made.sent(), made.counters.queued]).toEqual([[], 1]);
  });
});

describe("what the backend refuses", () => {
  test.each([
    [true, ["a,b", "c"], 0],
    [false, ["a,b"], 1],
  ])(
    "is dropped and counted; where it takes others (%s) they follow at once",
    async (alive, sent, queued) => {
      const made = delivering([{ status: "rejected", reason: "no", alive }, DELIVERED], { now });
      made.destination.add(batch("a", "b"));
      made.destination.add(batch("c"));
      void made.destination.drain(in30s(), false);
      await vi.advanceTimersByTimeAsync(0);
      expect([made.sent(), counts(made), made.reports]).toEqual([
        sent,
        {
          recorded: 3,
          exported: 1 - queued,
          queued,
          retried: 0,
          dropped: { ...NOTHING_DROPPED, rejected: 2 },
        },
        [`2 spans ${WHERE}: no`],
      ]);
    },
  );

  it("of a batch that it takes is counted apart", async () => {
    const partial: AttemptResult = { status: "delivered", rejectedSpans: 1, reason: "too old" };
    const made = delivering([partial], { now });
    made.destination.add(batch("a", "b", "c"));
    await made.destination.drain(in30s(), false);
    expect([counts(made), made.reports]).toEqual([
      {
        recorded: 3,
        exported: 2,
        queued: 0,
        retried: 0,
        dropped: { ...NOTHING_DROPPED, rejected: 1 },
      },
      [`1 spans ${WHERE}: too old`],
    ]);
  });
});

describe("while the destination fails", () => {
  it("small batches are gathered to whole ones, and sent in their order", async () => {
    const made = delivering([BUSY, DELIVERED], { now, maxBatchSize: 3 });
    made.destination.add(batch("a"));
    void made.destination.drain(now() + 50, false);
    await vi.advanceTimersByTimeAsync(0);
    for (const name of ["b", "c", "d", "e"]) made.destination.add(batch(name));
    clock.advance(1_000);
    await made.destination.drain(in30s(), false);
    expect(made.sent()).toEqual(["a", "a,b,c", "d,e"]);
  });
});

describe("an attempt whose invocation died", () => {
  it("is taken over a second after its time, once, whatever becomes of it then", async () => {
    const lost = Promise.withResolvers<AttemptResult>();
    let attempts = 0;
    const made = delivering([], {
      now,
      attempt: () => (++attempts === 1 ? lost.promise : Promise.resolve(DELIVERED)),
    });
    made.destination.add(batch("a", "b"));
    const startedAt = now();
    void made.destination.drain(in30s(), true);
    const begun = [...made.destination.flights].map((flight) => flight.startedAt);
    clock.advance(11_000);
    await made.destination.drain(in30s(), true);
    const before = attempts;
    clock.advance(1);
    await made.destination.drain(in30s(), true);
    lost.resolve(DELIVERED);
    await vi.advanceTimersByTimeAsync(0);
    expect([begun, before, attempts, made.destination.flights.size, counts(made)]).toEqual([
      [startedAt],
      1,
      2,
      0,
      { recorded: 2, exported: 2, queued: 0, retried: 2, dropped: NOTHING_DROPPED },
    ]);
  });
});
