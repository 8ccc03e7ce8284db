/**
 * The invocation scope: what one invocation has recorded and not yet exported,
 * and how many of its spans are still open. A scope belongs to exactly one
 * invocation, so two concurrent requests can never share spans.
 */
import type { Context, Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { SAMPLED_FLAG } from "./enums.js";
import type { Tracing } from "./tracing.js";

/** A span that the scope can read and end. */
type RecordedSpan = Span & ReadableSpan;

/** The state of one invocation. */
export class Scope {
  readonly tracing: Tracing;
  /** Milliseconds between the monotonic clock and the epoch, fixed for the whole invocation. */
  readonly timeOrigin: number;
  /** The span of the whole invocation. */
  root: Span | undefined;
  /** Called for each span that ends after the invocation was flushed. */
  onLate: (() => void) | undefined;
  /** Spans in the order of their start; a few of them may still be open. */
  #spans: RecordedSpan[] = [];
  #open = 0;
  #onIdle: (() => void) | undefined;

  constructor(tracing: Tracing) {
    this.tracing = tracing;
    this.timeOrigin = Date.now() - performance.now();
  }

  /**
   * The time in milliseconds since the epoch. All spans of an invocation share one origin,
   * so that a child never seems to start before its parent; the next invocation takes a new
   * one, because a frozen sandbox stops the monotonic clock.
   */
  now(): number {
    return this.tracing.clock?.now() ?? this.timeOrigin + performance.now();
  }

  opened(span: RecordedSpan): void {
    this.#open++;
    this.#spans.push(span);
  }

  closed(): void {
    this.#settled();
    this.onLate?.();
  }

  /** Makes the invocation wait for work beside its spans, e.g. what the handler hands to `waitUntil`. */
  track(work: Promise<unknown>): void {
    this.#open++;
    const settled = (): void => this.#settled();
    work.then(settled, settled);
  }

  #settled(): void {
    if (--this.#open === 0) this.#onIdle?.();
  }

  /** Hands over the finished spans that are sampled; each is handed over once. */
  take(): ReadableSpan[] {
    const spans = this.#spans;
    const taken: ReadableSpan[] = [];
    this.#spans = [];
    for (const span of spans)
      if (!span.ended) this.#spans.push(span);
      else if (span.spanContext().traceFlags & SAMPLED_FLAG) taken.push(span);
    return taken;
  }

  /** Ends the spans that are still open and says so on them; answers how many they were. */
  truncate(): number {
    const open = this.#spans.filter((span) => !span.ended);
    for (const span of open) span.setAttribute("edgespan.truncated", true).end();
    return open.length;
  }

  /** Whether neither a span nor other work is open. */
  get isIdle(): boolean {
    return this.#open === 0;
  }

  /** Resolves when the invocation is idle. */
  idle(): Promise<void> {
    return new Promise((resolve) => (this.#onIdle = resolve));
  }
}

/** What is active at a point of the program: an OpenTelemetry context within an invocation. */
export interface Frame {
  readonly context: Context;
  readonly scope: Scope | undefined;
}
