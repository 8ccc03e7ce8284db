import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished, test, vi } from "vitest";
import { stats } from "../../../src/trace/stats.ts";
import { LIMITS, scopeWith } from "../tracing.ts";
import { LAMBDA, flushWith, open, track, worker } from "./flushing.ts";

describe("before the response", () => {
  const error = new Error("no");
  test.each<[string, () => Promise<unknown>, PromiseSettledResult<unknown>]>([
    ["a value", async () => "answer", { status: "fulfilled", value: "answer" }],
    ["an error", () => Promise.reject(error), { status: "rejected", reason: error }],
    // oxlint-disable-next-line prefer-promise-reject-errors -- any value may be a reason
    ["undefined as a reason", () => Promise.reject(), { status: "rejected", reason: undefined }],
  ])(
    "settles exactly as the result does (%s), after the spans were delivered",
    async (_, result, expected) => {
      const { flush, log } = flushWith();
      const scope = scopeWith();
      open(scope, "root").end();
      const [settled] = await Promise.allSettled([flush.withResponse(scope, LAMBDA, result())]);
      expect(settled).toEqual(expected);
      expect((settled as PromiseRejectedResult).reason).toBe(
        (expected as PromiseRejectedResult).reason,
      );
      expect(log).toEqual([["root", 1_700, false]]);
    },
  );

  it("waits for the delivery and for nothing that is still open", async () => {
    const delivery = Promise.withResolvers<void>();
    const { flush } = flushWith({ drain: () => delivery.promise });
    const scope = scopeWith();
    open(scope, "root").end();
    open(scope, "open");
    let settled = false;
    const result = flush.withResponse(scope, LAMBDA, Promise.resolve(1)).finally(() => {
      settled = true;
    });
    await setTimeout(5);
    const before = settled;
    delivery.resolve();
    await result;
    expect([before, settled]).toEqual([false, true]);
  });

  it("sends nothing where nothing was recorded", async () => {
    const { flush, log } = flushWith();
    expect(await flush.withResponse(scopeWith(), LAMBDA, Promise.resolve(1))).toBe(1);
    expect(log).toEqual([]);
  });

  it("keeps a span that ends later for the next invocation", async () => {
    const { flush, log } = flushWith();
    const [first, second] = [scopeWith(), scopeWith()];
    open(first, "first").end();
    const late = open(first, "late");
    await flush.withResponse(first, LAMBDA, Promise.resolve());
    late.end();
    open(second, "second").end();
    await flush.withResponse(second, LAMBDA, Promise.resolve());
    expect(log).toEqual([
      ["first", 1_700, false],
      ["late,second", 1_700, false],
    ]);
  });

  it("sends any number of spans", async () => {
    const { flush, log } = flushWith();
    const scope = scopeWith({ limits: { ...LIMITS, maxSpans: 150_000 } });
    for (let i = 0; i < 150_000; i++) open(scope, "").end();
    await flush.withResponse(scope, LAMBDA, Promise.resolve());
    expect(log).toEqual([[",".repeat(149_999), 1_700, false]]);
  });
});

describe("with the response", () => {
  const leave = vi.fn<(send: () => Promise<unknown>) => boolean>();

  it("leaves what has ended to the platform, and waits for nothing", async () => {
    const { flush, log } = flushWith();
    const scope = scopeWith();
    open(scope, "root").end();
    leave.mockReturnValueOnce(true);
    expect(await flush.withResponse(scope, { ...LAMBDA, leave }, Promise.resolve(1))).toBe(1);
    const before = [...log];
    await leave.mock.calls[0]?.[0]();
    expect([before, log]).toEqual([[], [["root", 1_700, false]]]);
  });

  it("waits where the platform does not take it", async () => {
    const { flush, log } = flushWith();
    const scope = scopeWith();
    open(scope, "root").end();
    leave.mockReturnValueOnce(false);
    await flush.withResponse(scope, { ...LAMBDA, leave }, Promise.resolve());
    expect(log).toEqual([["root", 1_700, false]]);
  });

  it("sends of an invocation that goes on what has ended, and that no more later", async () => {
    const { flush, log } = flushWith();
    const scope = scopeWith();
    const after = { ...LAMBDA, begun: vi.fn<NonNullable<typeof LAMBDA.begun>>() };
    open(scope, "done").end();
    const running = open(scope, "running");
    flush.begun(scope, after);
    await after.begun.mock.calls[0]?.[1](50);
    running.end();
    await flush.withResponse(scope, after, Promise.resolve());
    expect(log).toEqual([
      ["done", 1_050, undefined],
      ["running", 1_700, false],
    ]);
  });

  it("sends what is left as the last chance", async () => {
    const { flush, log } = flushWith();
    const scope = scopeWith();
    await flush.withResponse(scope, LAMBDA, Promise.resolve());
    open(scope, "late").end();
    await flush.drain(300);
    expect(log).toEqual([["late", 1_300, undefined]]);
  });
});

describe("after the response", () => {
  it("leaves at once where no span is open", async () => {
    const { flush, log } = flushWith();
    const { after, ctx } = worker();
    const scope = scopeWith();
    open(scope, "root").end();
    flush.afterResponse(scope, after);
    await ctx.settled();
    expect(log).toEqual([["root", 30_000, true]]);
  });

  it("asks the platform for nothing where nothing was recorded", () => {
    const { flush } = flushWith();
    const waitUntil = vi.fn<(work: Promise<unknown>) => void>();
    flush.afterResponse(scopeWith(), { waitUntil, remainingMs: () => 29_000 });
    expect(waitUntil).not.toHaveBeenCalled();
  });

  it("waits for open spans, and sends all of them together", async () => {
    const { flush, log } = flushWith();
    const { after, ctx } = worker();
    const scope = scopeWith();
    open(scope, "root").end();
    const child = open(scope, "child");
    flush.afterResponse(scope, after);
    await setTimeout(20);
    const before = [...log];
    child.end();
    await ctx.settled();
    expect([before, log]).toEqual([[], [["root,child", 30_000, true]]]);
  });

  test.each([true, false])(
    "waits for the handler's own work too, whether it succeeds: %s",
    async (succeeds) => {
      const { flush, log } = flushWith();
      const { after, ctx } = worker();
      const scope = scopeWith();
      const work = Promise.withResolvers<void>();
      track(scope, work.promise);
      open(scope, "root").end();
      flush.afterResponse(scope, after);
      await setTimeout(20);
      const before = [...log];
      open(scope, "in background").end();
      if (succeeds) work.resolve();
      else work.reject(new Error("of the application's own"));
      await ctx.settled();
      expect([before, log]).toEqual([[], [["root,in background", 30_000, true]]]);
    },
  );

  it("waits maxWaitMs at the most, then ends what is open, says so and sends it", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { flush, log, reports } = flushWith({ maxWaitMs: 20_000 });
    const { after } = worker();
    const scope = scopeWith();
    open(scope, "root").end();
    const slow = open(scope, "slow");
    const { truncated } = stats();
    flush.afterResponse(scope, after);
    await vi.advanceTimersByTimeAsync(19_999);
    const before = [...log];
    // And the turn that the response is given before.
    await vi.advanceTimersByTimeAsync(11);
    slow.setAttribute("late", 1).end();
    await vi.advanceTimersByTimeAsync(100);
    expect([before, log, reports, stats().truncated - truncated]).toEqual([
      [],
      [["root,slow", 30_000, true]],
      ["1 spans had not ended in time and were cut short"],
      1,
    ]);
    expect(slow).toMatchObject({ attributes: { "edgespan.truncated": true } });
  });

  it("sends what was recorded, without a word, where only the handler's own work takes too long", async () => {
    const { flush, log, reports } = flushWith({ maxWaitMs: 5 });
    const { after, ctx } = worker();
    const scope = scopeWith();
    track(scope, new Promise(() => {}));
    open(scope, "root").end();
    flush.afterResponse(scope, after);
    await ctx.settled();
    expect([log, reports]).toEqual([[["root", 30_000, true]], []]);
  });

  it("sends each late span under a waitUntil of its own", async () => {
    const { flush, log } = flushWith();
    const { after, ctx } = worker();
    const scope = scopeWith();
    open(scope, "root").end();
    flush.afterResponse(scope, after);
    await ctx.settled();
    open(scope, "a").end();
    await ctx.settled();
    open(scope, "b").end();
    await ctx.settled();
    expect(log).toEqual([
      ["root", 30_000, true],
      ["a", 30_000, true],
      ["b", 30_000, true],
    ]);
  });

  it("sends a late span all the same where the platform takes no more work", async () => {
    const { flush, log } = flushWith();
    const scope = scopeWith();
    const waitUntil = (): never => {
      throw new TypeError("Illegal invocation");
    };
    flush.late(scope, { waitUntil, remainingMs: () => 5 });
    const span = open(scope, "late");
    expect(() => span.end()).not.toThrow();
    await vi.waitFor(() => expect(log).toEqual([["late", 1_005, true]]));
  });

  it("never throws into the handler where waitUntil does, and sends all the same", async () => {
    const { flush, log } = flushWith();
    const scope = scopeWith();
    open(scope, "root").end();
    const stub = {
      waitUntil: () => {
        throw new TypeError("ctx.waitUntil is not a function");
      },
      remainingMs: () => 1,
    };
    expect(() => flush.afterResponse(scope, stub)).not.toThrow();
    await vi.waitFor(() => expect(log).toEqual([["root", 1_001, true]]));
  });
});
