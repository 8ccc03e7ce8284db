/**
 * Whatever the backend does, whoever dies, and in whatever order: the books of a destination
 * balance, it holds no more than it may, and what it holds is delivered once all is well.
 */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { AttemptResult, Batch } from "../../../src/send/attempt.ts";
import { batch, delivering } from "./delivering.ts";

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => void vi.useRealTimers());

const CAP = 12;
const TIMEOUT_MS = 1_000;

/** How the backend answers an attempt; `delivered` and `partial` mean that it has kept the spans. */
type Answer =
  | { kind: "delivered" | "partial" | "tooLarge" | "throws" | "never" }
  | { kind: "retryable"; retryAfterMs?: number | undefined }
  | { kind: "rejected"; alive: boolean };
interface Behaviour {
  answer: Answer;
  tookMs: number;
}
type Step =
  | { do: "add"; count: number }
  | { do: "drain"; patient: boolean | undefined; deadlineMs: number }
  | { do: "wait"; ms: number };

const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("delivered" as const, "partial", "tooLarge", "throws", "never"),
  }),
  fc.record({
    kind: fc.constant("retryable" as const),
    retryAfterMs: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("rejected" as const), alive: fc.boolean() }),
);
const behaviours = fc.array(
  // Longer than the time-out: an attempt that its invocation did not end in time.
  fc.record({ answer: anyAnswer, tookMs: fc.constantFrom(0, 0, 1, 150, 999, 3_000) }),
  { maxLength: 30 },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("add" as const), count: fc.integer({ min: 0, max: 7 }) }),
  fc.record({
    do: fc.constant("drain" as const),
    patient: fc.constantFrom(true, false, undefined),
    deadlineMs: fc.constantFrom(-1, 0, 50, 700, 5_000),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 120, 900, 2_500) }),
);

interface Backend {
  attempt(spans: Batch, budgetMs: number): Promise<AttemptResult>;
  /** From now on takes all at once. */
  recover(): void;
  /** How often the backend kept each span. */
  readonly kept: Map<string, number>;
  /** Spans of attempts that came to no end in their time, so that they are taken over. */
  readonly lost: Set<string>;
}

/** @param isPunctual whether attempts end within their time, as those of the transports do */
function backend(queue: readonly Behaviour[], isPunctual: boolean): Backend {
  const todo = [...queue];
  const kept = new Map<string, number>();
  const lost = new Set<string>();
  const keep = (spans: Batch): void => {
    for (const { name } of spans) kept.set(name, (kept.get(name) ?? 0) + 1);
  };
  return {
    kept,
    lost,
    recover: () => void todo.splice(0),
    async attempt(spans, budgetMs) {
      const { answer, tookMs } = todo.shift() ?? { answer: { kind: "delivered" }, tookMs: 0 };
      const { kind } = answer;
      if (kind === "delivered" || kind === "partial") keep(spans);
      if (kind === "never" || tookMs > budgetMs) for (const { name } of spans) lost.add(name);
      if (kind === "never") return new Promise(() => {});
      const endsInMs = isPunctual ? Math.min(tookMs, budgetMs) : tookMs;
      if (endsInMs > 0) await new Promise((resolve) => setTimeout(resolve, endsInMs));
      if (kind === "throws") throw new Error("cannot be encoded");
      if (kind === "delivered") return { status: "delivered" };
      if (kind === "partial") return { status: "delivered", rejectedSpans: 1, reason: "old" };
      if (kind === "tooLarge") return { status: "tooLarge", reason: "413" };
      if (answer.kind === "rejected")
        return { status: "rejected", reason: "401", alive: answer.alive };
      const { retryAfterMs } = answer as { retryAfterMs?: number };
      return { status: "retryable", reason: "503", ...(retryAfterMs && { retryAfterMs }) };
    },
  };
}

it("the books balance after every step, and all that is queued is delivered in the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), behaviours, async (steps, behaviour) => {
      const { attempt, kept, lost, recover } = backend(behaviour, false);
      const { destination, counters } = delivering([], {
        attempt,
        maxQueueSize: CAP,
        maxBatchSize: 5,
        timeoutMs: TIMEOUT_MS,
        random: () => 0.5,
      });
      let spans = 0;
      const balanced = (): void => {
        const { recorded, exported, queued, dropped } = counters;
        const sum = exported + queued + dropped.queue_full + dropped.rejected + dropped.too_large;
        expect([recorded, sum, queued >= 0, queued <= CAP]).toEqual([spans, spans, true, true]);
      };
      for (const todo of steps) {
        if (todo.do === "add") {
          const added: readonly ReadableSpan[] = batch(
            ...Array.from({ length: todo.count }, () => ++spans),
          );
          destination.add(added);
        } else if (todo.do === "drain")
          void destination.drain(Date.now() + todo.deadlineMs, todo.patient);
        else await vi.advanceTimersByTimeAsync(todo.ms);
        balanced();
      }
      recover();
      // Beyond the time of every attempt, and beyond the longest pause that was asked for.
      await vi.advanceTimersByTimeAsync(10_000);
      balanced();
      const drained = destination.drain(Date.now() + 60_000, true);
      await vi.advanceTimersByTimeAsync(60_000);
      await drained;
      balanced();
      expect(counters.queued).toBe(0);
      const twice = [...kept].filter(([name, times]) => times > 1 && !lost.has(name));
      expect(twice).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
}, 60_000);

it("a caller is never held beyond its deadline, whether it is patient or not", async () => {
  const punctual = behaviours.map((all) => all.filter(({ answer }) => answer.kind !== "never"));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), punctual, async (steps, behaviour) => {
      const { attempt } = backend(behaviour, true);
      const limits = { maxQueueSize: CAP, maxBatchSize: 5, timeoutMs: TIMEOUT_MS };
      const { destination } = delivering([], { attempt, ...limits });
      const late: number[] = [];
      const callers: Promise<unknown>[] = [];
      for (const todo of steps) {
        if (todo.do === "add") destination.add(batch(...Array.from({ length: todo.count }).keys()));
        if (todo.do === "wait") await vi.advanceTimersByTimeAsync(todo.ms);
        if (todo.do !== "drain") continue;
        const deadline = Date.now() + Math.max(0, todo.deadlineMs);
        const drained = destination.drain(deadline, todo.patient);
        callers.push(drained.then(() => late.push(Date.now() - deadline)));
      }
      await vi.advanceTimersByTimeAsync(60_000);
      await Promise.all(callers);
      expect(late.filter((ms) => ms > 0)).toEqual([]);
    }),
    { numRuns: 500 },
  );
}, 60_000);
