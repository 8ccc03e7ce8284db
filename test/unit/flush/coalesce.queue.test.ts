import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCoalescer } from "../../../src/flush/coalesce.ts";
import { batch } from "../send/delivering.ts";
import { isolate, useIsolateTime, useRealTime } from "./isolate.ts";

beforeEach(useIsolateTime);
afterEach(useRealTime);

describe("a destination that is paused", () => {
  const busy = { status: "retryable", reason: "503", retryAfterMs: 60_000 } as const;

  it("costs an invocation nothing, and has its spans wait, until the pause is over", async () => {
    const { invoke, pass, posts, counters } = isolate({ outcomes: [busy] });
    invoke(["a"]);
    await pass(1_000);
    const paused = [invoke(["b"]), invoke(["c"]), counters.queued];
    await pass(60_000);
    const later = invoke(["d"]);
    await pass(1_000);
    expect([paused, later, posts.map(([, names]) => names), counters.queued]).toEqual([
      ["goes", "goes", 3],
      "stays",
      ["a", "a,b,c,d"],
      0,
    ]);
  });

  it("has an invocation go where one that tries again will take its spans along", async () => {
    const slow = { status: "retryable", reason: "503", retryAfterMs: 5_000 } as const;
    const { invoke, pass, posts } = isolate({ outcomes: [slow] });
    invoke(["a"]);
    await pass(1_000);
    const goes = invoke(["b"]);
    await pass(10_000);
    expect([goes, posts.map(([, names]) => names)]).toEqual(["goes", ["a", "a,b"]]);
  });

  it("has an invocation stay for another that is not paused", async () => {
    const made = isolate();
    const paused = {
      add() {},
      drain: async () => {},
      isPaused: () => true,
      flights: new Set<never>(),
    };
    const now = Date.now;
    const options = { windowMs: 100, maxBatchSize: 10, now };
    const both = createCoalescer({ ...options, sinks: [paused, made.destination] }, true);
    const none = createCoalescer({ ...options, sinks: [paused] }, true);
    const deadline = now() + 29_000;
    const left = [both, none].map((one) => one.leave(batch("a"), deadline) !== undefined);
    await made.pass(1_000);
    expect([left, made.posts]).toEqual([[true, false], [[100, "a"]]]);
  });
});
