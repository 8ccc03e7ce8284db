/**
 * The invocation scope: what one invocation has recorded and not yet exported,
 * and how many of its spans are still open. A scope belongs to exactly one
 * invocation, so two concurrent requests can never share spans.
 */
import type { Context, Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { SAMPLED_FLAG } from "./enums.js";
import type { Tracing } from "./tracing.js";

/** The state of one invocation. */
export class Scope {
  readonly tracing: Tracing;
  /** Milliseconds between the monotonic clock and the epoch, fixed for the whole invocation. */
  readonly timeOrigin: number;
  /** The span of the whole invocation. */
  root: Span | undefined;
  /** Called for each span that ends after the invocation was flushed. */
  onLate: (() => void) | undefined;
  #finished: ReadableSpan[] = [];
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

  opened(): void {
    this.#open++;
  }

  closed(span: ReadableSpan): void {
    this.#open--;
    if (span.spanContext().traceFlags & SAMPLED_FLAG) this.#finished.push(span);
    if (this.#open === 0) this.#onIdle?.();
    this.onLate?.();
  }

  /** Hands over the finished spans; each is handed over once. */
  take(): ReadableSpan[] {
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  /** Resolves when no span is open. */
  async idle(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }
}

/** What is active at a point of the program: an OpenTelemetry context within an invocation. */
export interface Frame {
  readonly context: Context;
  readonly scope: Scope | undefined;
}
