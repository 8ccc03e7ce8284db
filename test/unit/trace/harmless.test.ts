import { ROOT_CONTEXT, type Span, context as api } from "@opentelemetry/api";
import type { ReadableSpan, Sampler, SpanProcessor } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import { harmlessProcessors, harmlessSampler } from "../../../src/trace/harmless.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { loggingProcessor, scopeWith } from "../tracing.ts";

const throwing = (thrown: unknown) => (): never => {
  throw thrown;
};

const THROWN: readonly (readonly [string, unknown])[] = [
  ["an error", new TypeError("hunter2")],
  ["a string", "hunter2"],
  ["nothing", undefined],
  ["an object that cannot become text", Object.create(null)],
];

describe("a sampler", () => {
  test.each(THROWN)("that throws %s drops, and is reported without what it threw", (_, thrown) => {
    const reports: string[] = [];
    const sampler = harmlessSampler(
      { shouldSample: throwing(thrown), toString: () => "bad" },
      (problem) => reports.push(problem),
    );
    const span = startSpan(scopeWith({ sampler }), OWN, "work", {}, ROOT_CONTEXT);
    expect([span.isRecording(), reports]).toEqual([false, ["the sampler failed"]]);
  });

  test.each([undefined, null, {}, { decision: "yes" }, 2, Promise.resolve({ decision: 2 })])(
    "that answers %j drops, and is reported",
    (answer) => {
      const reports: string[] = [];
      const bad = { shouldSample: () => answer, toString: () => "bad" } as unknown as Sampler;
      const sampler = harmlessSampler(bad, (problem) => reports.push(problem));
      const span = startSpan(scopeWith({ sampler }), OWN, "work", {}, ROOT_CONTEXT);
      expect([span.isRecording(), reports]).toEqual([false, ["the sampler failed"]]);
    },
  );

  it("that is async and fails drops, is reported, and no rejection goes unhandled", async () => {
    const reports: string[] = [];
    const shouldSample = async (): Promise<never> => Promise.reject(new TypeError("no"));
    const bad = { shouldSample, toString: () => "bad" } as unknown as Sampler;
    const sampler = harmlessSampler(bad, (problem) => reports.push(problem));
    const span = startSpan(scopeWith({ sampler }), OWN, "work", {}, ROOT_CONTEXT);
    await new Promise((resolve) => setTimeout(resolve));
    expect([span.isRecording(), reports]).toEqual([false, ["the sampler failed"]]);
  });

  it("that works is asked with all it may need and answers for itself", () => {
    const asked: unknown[][] = [];
    const answer = { decision: 2, attributes: { a: 1 } };
    const sampler: Sampler = {
      shouldSample(...args) {
        asked.push([this === sampler, ...args]);
        return answer;
      },
      toString: () => "mine",
    };
    const harmless = harmlessSampler(sampler, () => {});
    const args = [ROOT_CONTEXT, "t", "n", 1, { b: 2 }, []] as const;
    expect(harmless.shouldSample(...(args as unknown as Parameters<Sampler["shouldSample"]>))).toBe(
      answer,
    );
    expect([asked, harmless.toString()]).toEqual([[[true, ...args]], "mine"]);
  });
});

describe("a span processor", () => {
  test.each(THROWN)("that throws %s is reported without it, and spans go on", async (_, thrown) => {
    const reports: string[] = [];
    const fail = throwing(thrown);
    const bad: SpanProcessor = {
      onStart: fail,
      onEnding: fail,
      onEnd: fail,
      forceFlush: fail,
      shutdown: fail,
    };
    const heard: string[] = [];
    const processors = harmlessProcessors([bad, loggingProcessor(heard)], (problem) =>
      reports.push(problem),
    );
    const scope = scopeWith({ processors });
    startSpan(scope, OWN, "work", {}, ROOT_CONTEXT).end();
    expect(scope.take().map(({ name, ended }) => ({ name, ended }))).toEqual([
      { name: "work", ended: true },
    ]);
    expect(reports).toEqual(Array.from({ length: 3 }, () => "a span processor failed"));
    expect(heard).toEqual(["p start work true", "p ending work true", "p end work true"]);
  });

  it("whose methods are async and succeed is not reported", async () => {
    const reports: string[] = [];
    const done = async (): Promise<void> => {};
    const good = { onStart: done, onEnding: done, onEnd: done, forceFlush: done, shutdown: done };
    const processors = harmlessProcessors([good], (problem) => reports.push(problem));
    startSpan(scopeWith({ processors }), OWN, "work", {}, ROOT_CONTEXT).end();
    await new Promise((resolve) => setTimeout(resolve));
    expect(reports).toEqual([]);
  });

  it("whose methods are async is reported where they fail, and no rejection goes unhandled", async () => {
    const reports: string[] = [];
    const fail = async (): Promise<never> => Promise.reject(new TypeError("no"));
    const bad = { onStart: fail, onEnding: fail, onEnd: fail, forceFlush: fail, shutdown: fail };
    const processors = harmlessProcessors([bad], (problem) => reports.push(problem));
    startSpan(scopeWith({ processors }), OWN, "work", {}, ROOT_CONTEXT).end();
    // Vitest fails a run in which a rejection is not handled.
    await new Promise((resolve) => setTimeout(resolve));
    expect(reports).toEqual(Array.from({ length: 3 }, () => "a span processor failed"));
  });

  it("that works gets each call with its arguments and its own this", () => {
    const calls: unknown[][] = [];
    const mine = {
      onStart(...args: unknown[]) {
        calls.push(["onStart", this === mine, ...args]);
      },
      onEnding(...args: unknown[]) {
        calls.push(["onEnding", this === mine, ...args]);
      },
      onEnd(...args: unknown[]) {
        calls.push(["onEnd", this === mine, ...args]);
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    const processor = harmlessProcessors([mine], () => {});
    const span = { name: "s" } as unknown as Span & ReadableSpan;
    processor?.onStart(span, api.active());
    processor?.onEnding(span);
    processor?.onEnd(span);
    expect(calls).toEqual([
      ["onStart", true, span, api.active()],
      ["onEnding", true, span],
      ["onEnd", true, span],
    ]);
  });

  it("of line 2, without onEnding, is served too", () => {
    const reports: string[] = [];
    const old = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
    harmlessProcessors([old], (problem) => reports.push(problem))?.onEnding({} as never);
    expect(reports).toEqual([]);
  });
});
