import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import { loggingProcessor, scopeWith } from "../tracing.ts";
import { LAMBDA, flushWith, open, worker } from "./flushing.ts";

describe("the application's span processors", () => {
  it("are flushed with each flush, also where nothing is to be delivered", async () => {
    const log: string[] = [];
    const processors = [loggingProcessor(log, "p"), loggingProcessor(log, "q")];
    const { flush } = flushWith({ processors });
    await flush.withResponse(scopeWith(), LAMBDA, Promise.resolve());
    const before = log.splice(0);
    const { after, ctx } = worker();
    flush.afterResponse(scopeWith(), after);
    await ctx.settled();
    expect([before, log]).toEqual([
      ["p flush", "q flush"],
      ["p flush", "q flush"],
    ]);
  });

  it("are flushed beside the delivery, for which the response waits too", async () => {
    const log: string[] = [];
    const { flush, log: sent } = flushWith({ processors: [loggingProcessor(log)] });
    const scope = scopeWith();
    open(scope, "root").end();
    log.length = 0;
    await flush.withResponse(scope, LAMBDA, Promise.resolve());
    expect([log, sent]).toEqual([["p flush"], [["root", 1_700, false]]]);
  });

  const fail = (): never => {
    throw new Error("no");
  };
  test.each<[string, SpanProcessor["forceFlush"], string]>([
    ["rejects", () => Promise.reject(new Error("no")), "Error: no"],
    ["throws at once", fail, "Error: no"],
    [
      "rejects with what cannot be printed",
      // oxlint-disable-next-line prefer-promise-reject-errors -- any value may be a reason
      () => Promise.reject(Object.create(null)),
      "(an unprintable value)",
    ],
  ])("one that %s is reported and changes nothing", async (_, forceFlush, told) => {
    const log: string[] = [];
    const bad: SpanProcessor = {
      ...loggingProcessor([]),
      forceFlush,
    };
    const { flush, reports } = flushWith({ processors: [bad, loggingProcessor(log)] });
    expect(await flush.withResponse(scopeWith(), LAMBDA, Promise.resolve(1))).toBe(1);
    expect([log, reports]).toEqual([["p flush"], [`a span processor did not flush: ${told}`]]);
  });

  it("one that never settles holds the response no longer than the time that is left", async () => {
    const stuck: SpanProcessor = {
      ...loggingProcessor([]),
      forceFlush: () => new Promise(() => {}),
    };
    const { flush, reports } = flushWith({ processors: [stuck] });
    const startedAt = performance.now();
    const result = flush.withResponse(scopeWith(), { remainingMs: () => 30 }, Promise.resolve(1));
    expect([await result, reports]).toEqual([
      1,
      [expect.stringMatching(/^a span processor did not flush: .*30 ms/)],
    ]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
