/**
 * The invocation scope: what one invocation has recorded and not yet exported,
 * and how many of its spans are still open. A scope belongs to exactly one
 * invocation, so two concurrent requests can never share spans.
 */
import type { Context, Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { SAMPLED_FLAG } from "./enums.js";
import { counters } from "./stats.js";
import type { Tracing } from "./tracing.js";

/** A span that the scope can read and end. */
type RecordedSpan = Span & ReadableSpan & { readonly bytes: number };

/** The state of one invocation. */
export class Scope {
  readonly tracing: Tracing;
  /** The span of the whole invocation, while it is open. */
  root: Span | undefined;
  /** How many more bytes its spans may hold. */
  bytesLeft: number;
  /** How much is open: spans, and work beside them. */
  open = 0;
  /** Called when nothing is open any more. */
  onIdle: (() => void) | undefined;
  /** Called for each span that ends after the invocation was flushed. */
  onLate: (() => void) | undefined;
  /** Spans in the order of their start; a few of them may still be open. */
  #spans: RecordedSpan[] = [];
  #refused = 0;
  #timeOrigin: number | undefined;

  constructor(tracing: Tracing) {
    this.tracing = tracing;
    this.bytesLeft = tracing.limits.maxBytes;
  }

  /**
   * Milliseconds between the monotonic clock and the epoch, fixed for the whole invocation by the
   * first who asks: its root span.
   */
  get timeOrigin(): number {
    return (this.#timeOrigin ??= Date.now() - performance.now());
  }

  /**
   * The time in milliseconds since the epoch. All spans of an invocation share one origin,
   * so that a child never seems to start before its parent; the next invocation takes a new
   * one, because a frozen sandbox stops the monotonic clock.
   */
  now(): number {
    return this.tracing.clock?.now() ?? this.timeOrigin + performance.now();
  }

  /** Whether one more span is too many; it is counted on the oldest that is here, the root. */
  refuses(): boolean {
    if (this.#spans.length < this.tracing.limits.maxSpans && this.bytesLeft > 0) return false;
    counters.overLimit++;
    const [oldest] = this.#spans;
    if (oldest) oldest.attributes["edgespan.dropped_spans_count"] = ++this.#refused;
    return true;
  }

  opened(span: RecordedSpan): void {
    this.open++;
    this.#spans.push(span);
  }

  closed(): void {
    this.settled();
    this.onLate?.();
  }

  settled(): void {
    if (!--this.open) this.onIdle?.();
  }

  /** Hands over the finished spans that are sampled; each is handed over once. */
  take(): ReadableSpan[] {
    const spans = this.#spans;
    const taken: ReadableSpan[] = [];
    this.#spans = [];
    for (const span of spans)
      if (span.ended) {
        // What has left makes room, for invocations that go on for long.
        this.bytesLeft += span.bytes;
        if (span.spanContext().traceFlags & SAMPLED_FLAG) taken.push(span);
      } else this.#spans.push(span);
    return taken;
  }

  /** Ends the spans that are still open and says so on them, and why; answers how many they were. */
  truncate(why?: (span: Span) => void): number {
    const open = this.#spans.filter((span) => !span.ended);
    for (const span of open) {
      why?.(span);
      span.setAttribute("edgespan.truncated", true).end();
    }
    return open.length;
  }
}

/** What is active at a point of the program: an OpenTelemetry context within an invocation. */
export interface Frame {
  readonly context: Context;
  readonly scope: Scope | undefined;
}
