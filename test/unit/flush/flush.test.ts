import { setTimeout } from "node:timers/promises";
import { ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test, vi } from "vitest";
import { type AfterResponse, type Deliver, createFlush } from "../../../src/flush/flush.ts";
import type { Scope } from "../../../src/trace/scope.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { createFakeExecutionContext } from "../../../src/testing/contexts.ts";
import { loggingProcessor, names, scopeWith } from "../tracing.ts";

function open(scope: Scope, name: string): Span {
  return startSpan(scope, OWN, name, {}, ROOT_CONTEXT);
}

interface Setting {
  processors?: SpanProcessor[];
  deliver?: Deliver;
}

/** A flush that writes down what it delivers. */
function flushWith({ processors = [], deliver }: Setting = {}): {
  flush: ReturnType<typeof createFlush>;
  log: unknown[];
  reports: string[];
} {
  const log: unknown[] = [];
  const reports: string[] = [];
  let nowMs = 0;
  const flush = createFlush({
    deliver:
      deliver ??
      (async (spans, budgetMs) => {
        log.push([names(spans).join(), budgetMs]);
      }),
    processors,
    now: () => (nowMs += 1_000),
    report: (problem) => void reports.push(problem),
  });
  return { flush, log, reports };
}

/** A platform without waitUntil, which has 700 ms left. */
const LAMBDA: AfterResponse = { remainingMs: (elapsedMs) => 700 - elapsedMs };

function worker(): { after: AfterResponse; ctx: ReturnType<typeof createFakeExecutionContext> } {
  const ctx = createFakeExecutionContext();
  return {
    ctx,
    after: { waitUntil: (work) => ctx.waitUntil(work), remainingMs: (ms) => 29_000 - ms },
  };
}

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
      const [settled] = await Promise.allSettled([flush.beforeResponse(scope, LAMBDA, result())]);
      expect(settled).toEqual(expected);
      expect((settled as PromiseRejectedResult).reason).toBe(
        (expected as PromiseRejectedResult).reason,
      );
      expect(log).toEqual([["root", 700]]);
    },
  );

  it("waits for the delivery and for nothing that is still open", async () => {
    const delivery = Promise.withResolvers<void>();
    const { flush } = flushWith({ deliver: () => delivery.promise });
    const scope = scopeWith();
    open(scope, "root").end();
    open(scope, "open");
    let settled = false;
    const result = flush.beforeResponse(scope, LAMBDA, Promise.resolve(1)).finally(() => {
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
    expect(await flush.beforeResponse(scopeWith(), LAMBDA, Promise.resolve(1))).toBe(1);
    expect(log).toEqual([]);
  });

  it("keeps a span that ends later for the next invocation", async () => {
    const { flush, log } = flushWith();
    const [first, second] = [scopeWith(), scopeWith()];
    open(first, "first").end();
    const late = open(first, "late");
    await flush.beforeResponse(first, LAMBDA, Promise.resolve());
    late.end();
    open(second, "second").end();
    await flush.beforeResponse(second, LAMBDA, Promise.resolve());
    expect(log).toEqual([
      ["first", 700],
      ["late,second", 700],
    ]);
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
    expect(log).toEqual([["root", 28_000]]);
  });

  it("waits for open spans, and sends all of them together", async () => {
    const { flush, log } = flushWith();
    const { after, ctx } = worker();
    const scope = scopeWith();
    open(scope, "root").end();
    const child = open(scope, "child");
    flush.afterResponse(scope, after);
    await setTimeout(5);
    const before = [...log];
    child.end();
    await ctx.settled();
    expect([before, log]).toEqual([[], [["root,child", 28_000]]]);
  });

  it("waits 20 s at the most, and then sends what is open as it ends", async () => {
    vi.useFakeTimers();
    const { flush, log } = flushWith();
    const { after, ctx } = worker();
    const scope = scopeWith();
    open(scope, "root").end();
    const slow = open(scope, "slow");
    flush.afterResponse(scope, after);
    await vi.advanceTimersByTimeAsync(20_000);
    const before = [...log];
    // 20 s, and the turn that the response is given before.
    await vi.advanceTimersByTimeAsync(10);
    vi.useRealTimers();
    slow.end();
    await ctx.settled();
    expect([before, log]).toEqual([
      [],
      [
        ["root", 28_000],
        ["slow", 29_000],
      ],
    ]);
  });

  it("sends each late span under a waitUntil of its own", async () => {
    const { flush, log } = flushWith();
    const { after, ctx } = worker();
    const scope = scopeWith();
    open(scope, "root").end();
    flush.afterResponse(scope, after);
    await ctx.settled();
    open(scope, "a").end();
    open(scope, "b").end();
    await ctx.settled();
    expect(log).toEqual([
      ["root", 28_000],
      ["a", 29_000],
      ["b", 29_000],
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
    await setTimeout(5);
    expect(log).toEqual([["late", 5]]);
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
    await vi.waitFor(() => expect(log).toEqual([["root", 1]]));
  });
});

describe("the application's span processors", () => {
  it("are flushed with each flush, also where nothing is to be delivered", async () => {
    const log: string[] = [];
    const { flush } = flushWith({
      processors: [loggingProcessor(log, "p"), loggingProcessor(log, "q")],
    });
    await flush.beforeResponse(scopeWith(), LAMBDA, Promise.resolve());
    expect(log).toEqual(["p flush", "q flush"]);
  });

  test.each<[string, unknown, string]>([
    ["rejects", new Error("no"), "Error: no"],
    ["rejects with what cannot be printed", Object.create(null), "(an unprintable value)"],
  ])("one that %s is reported and changes nothing", async (_, reason, told) => {
    const log: string[] = [];
    const bad: SpanProcessor = {
      ...loggingProcessor([]),
      forceFlush: () => Promise.reject(reason),
    };
    const { flush, reports } = flushWith({ processors: [bad, loggingProcessor(log)] });
    expect(await flush.beforeResponse(scopeWith(), LAMBDA, Promise.resolve(1))).toBe(1);
    expect([log, reports]).toEqual([["p flush"], [`a span processor did not flush: ${told}`]]);
  });

  it("one that never settles holds the response no longer than the time that is left", async () => {
    const stuck: SpanProcessor = {
      ...loggingProcessor([]),
      forceFlush: () => new Promise(() => {}),
    };
    const { flush, reports } = flushWith({ processors: [stuck] });
    const startedAt = performance.now();
    const result = flush.beforeResponse(scopeWith(), { remainingMs: () => 30 }, Promise.resolve(1));
    expect([await result, reports]).toEqual([
      1,
      [expect.stringMatching(/^a span processor did not flush: .*30 ms/)],
    ]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
