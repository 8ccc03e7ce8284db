/**
 * An isolate whose invocations may die, as workerd ends them: what they wait for never comes,
 * neither their timers nor the answer to their request. Time is that of vitest's fake timers.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { vi } from "vitest";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { createCoalescer } from "../../../src/flush/coalesce.ts";
import type { AttemptResult } from "../../../src/send/attempt.ts";
import { batch, delivering } from "../send/delivering.ts";

export const START = Date.UTC(2026, 0, 1);

const running = new AsyncLocalStorage<{ diesAt: number }>();

/** From now on time stands still until it is moved, and timers of the dead never fire. */
export function useIsolateTime(): void {
  vi.useFakeTimers({ now: START });
  const { setTimeout } = globalThis;
  vi.stubGlobal("setTimeout", (fn: () => void, ms: number) => {
    const invocation = running.getStore();
    return setTimeout(() => {
      if (!invocation || Date.now() < invocation.diesAt) fn();
    }, ms);
  });
}

export function useRealTime(): void {
  vi.unstubAllGlobals();
  vi.useRealTimers();
}

export interface IsolateOptions {
  windowMs?: number;
  maxBatchSize?: number;
  /** How long the backend takes for an answer. */
  latencyMs?: number;
  /** What it answers first, one after another; then it takes all. */
  outcomes?: readonly AttemptResult[];
}

export interface Isolate {
  readonly destination: ReturnType<typeof delivering>["destination"];
  readonly counters: ReturnType<typeof delivering>["counters"];
  /** What the backend got: when, and which spans. */
  readonly posts: (readonly [atMs: number, names: string])[];
  /** Spans of requests whose invocation died before the answer came. */
  readonly unanswered: string[];
  /** Ends an invocation with these spans; answers whether it stays, and has to. */
  invoke(names: readonly string[], lives?: { forMs: number }): "stays" | "goes";
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
}

export function isolate({
  windowMs = 100,
  maxBatchSize = 512,
  latencyMs = 20,
  outcomes = [],
}: IsolateOptions = {}): Isolate {
  const posts: (readonly [number, string])[] = [];
  const unanswered: string[] = [];
  const { destination, counters } = delivering([], {
    maxQueueSize: 10_000,
    maxBatchSize,
    async attempt(spans: readonly ReadableSpan[]) {
      const names = spans.map(({ name }) => name);
      posts.push([Date.now() - START, names.join()]);
      unanswered.push(...names);
      await new Promise<void>((resolve) => setTimeout(resolve, latencyMs));
      for (const name of names) unanswered.splice(unanswered.indexOf(name), 1);
      return outcomes[posts.length - 1] ?? { status: "delivered" };
    },
  });
  const options = { sinks: [destination], windowMs, maxBatchSize, now: () => Date.now() };
  const coalescer = createCoalescer(options, true);
  return {
    destination,
    counters,
    posts,
    unanswered,
    invoke(names, { forMs } = { forMs: Infinity }) {
      const invocation = { diesAt: Date.now() + forMs };
      const stay = running.run(invocation, () =>
        coalescer.leave(batch(...names), Date.now() + 29_000),
      );
      return stay ? "stays" : "goes";
    },
    async pass(ms) {
      await vi.advanceTimersByTimeAsync(ms);
    },
  };
}
