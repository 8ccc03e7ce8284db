/** An OTLP/HTTP backend in memory: what the exporter sends there, tests can read. */
import type { FetchLike } from "../send/send.js";
import { type CollectedSpan, decodeOtlpJson } from "./otlp-json.js";
import { type TraceTree, treesOf } from "./trace-tree.js";

/** One request that reached the collector. */
export interface CollectedExport {
  headers: Record<string, string>;
  spans: readonly CollectedSpan[];
}

/** What the collector answers instead of 200; it may also throw, or never settle. */
export type Answer = () =>
  | Promise<{ status: number; body?: string }>
  | { status: number; body?: string };

export interface Collector {
  /** Takes exports as an OTLP endpoint does: pass it as `exporter.fetch`. */
  readonly fetch: FetchLike;
  /** The exports that were accepted, in order. */
  readonly exports: readonly CollectedExport[];
  /** All requests that arrived, accepted or not. */
  readonly requests: number;
  /** All accepted spans, in order of arrival. */
  spans(): CollectedSpan[];
  /** The accepted spans as trees, one for each trace, in order of arrival. */
  traces(): TraceTree[];
  /** Resolves with the spans as soon as there are `count`; rejects after `withinMs`. */
  waitForSpans(count: number, withinMs?: number): Promise<CollectedSpan[]>;
  /** Takes one export; `undefined` where the request is not understood. */
  receive(headers: Record<string, string>, body: string): Promise<{ status: number; body: string }>;
  /** From now on answers as told; without an argument accepts again. */
  answer(answer?: Answer): void;
  /** Forgets all that was received. */
  reset(): void;
}

const ACCEPTED = 200;

interface Signal {
  notify(): void;
  until(isDone: () => boolean, withinMs: number, missing: () => string): Promise<void>;
}

/** Wakes whoever waits for a condition, each time that something has changed. */
function createSignal(): Signal {
  const waiting = new Set<() => void>();
  return {
    notify() {
      for (const check of waiting) check();
    },
    until: (isDone, withinMs, missing) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (isDone()) settle(resolve);
        };
        const settle = (done: () => void): void => {
          clearTimeout(timer);
          waiting.delete(check);
          done();
        };
        const timer = setTimeout(() => settle(() => reject(new Error(missing()))), withinMs);
        waiting.add(check);
        check();
      }),
  };
}

/** Creates an in-memory collector for OTLP JSON. */
export function createCollector(): Collector {
  let exports: CollectedExport[] = [];
  let requests = 0;
  let answer: Answer | undefined;
  const arrived = createSignal();
  const spans = (): CollectedSpan[] => exports.flatMap((batch) => batch.spans);

  async function receive(
    headers: Record<string, string>,
    body: string,
  ): Promise<{ status: number; body: string }> {
    requests++;
    const { status, body: text = "{}" } = (await answer?.()) ?? { status: ACCEPTED };
    if (status === ACCEPTED) {
      exports.push({ headers, spans: decodeOtlpJson(body) });
      arrived.notify();
    }
    return { status, body: text };
  }

  return {
    fetch: async (_url, init) => {
      const { status, body } = await receive(init.headers, new TextDecoder().decode(init.body));
      return new Response(body, { status });
    },
    get exports() {
      return exports;
    },
    get requests() {
      return requests;
    },
    spans,
    traces: () => treesOf(spans()),
    waitForSpans: (count, withinMs = 5_000) => {
      const isDone = (): boolean => spans().length >= count;
      const missing = (): string => {
        const names = spans().map(({ name }) => name);
        return `${names.length} of ${count} spans within ${withinMs} ms: ${names.join(", ")}`;
      };
      return arrived.until(isDone, withinMs, missing).then(spans);
    },
    receive,
    answer(next) {
      answer = next;
    },
    reset() {
      exports = [];
      requests = 0;
    },
  };
}
