/** Ends a span when the work that it describes is done, whether that answers at once or by a promise. */
import type { Span } from "@opentelemetry/api";
import { recordFailure } from "./failure.js";
import { quietly } from "./quietly.js";

/** What follows the work. */
export interface Ending<T> {
  /** Tells what the result says of the work, before the span ends. */
  readonly onResult?: ((span: Span, result: T) => void) | undefined;
  /** Tells more of work that failed, before the span ends. */
  readonly onFailure?: ((span: Span) => void) | undefined;
  /** Called when the span has ended. */
  readonly onEnd?: (() => void) | undefined;
}

/** Whether the value can be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/**
 * Runs `work` and ends `span` with it, without changing what the caller sees: the same value
 * or the same thrown error, synchronously where `work` is synchronous. Only native promises
 * are chained; another thenable may be lazy and would run twice, so it counts as done at once.
 */
export function endWith<T>(span: Span, ending: Ending<Awaited<T>>, work: (span: Span) => T): T {
  let value: T;
  try {
    value = work(span);
  } catch (error) {
    failed(span, ending, error);
    throw error;
  }
  if (!(value instanceof Promise)) {
    returned(span, ending, value as Awaited<T>);
    return value;
  }
  const watched = value.then(
    (result: Awaited<T>) => {
      returned(span, ending, result);
      return result;
    },
    (error: unknown) => {
      failed(span, ending, error);
      throw error;
    },
  );
  if (value.constructor === Promise) return watched as T;
  // A subclass may have methods that its `then` does not hand on, so it is returned as it is.
  watched.catch(() => undefined);
  return value;
}

function returned<T>(span: Span, { onResult, onEnd }: Ending<T>, result: T): void {
  if (onResult) quietly(() => onResult(span, result));
  span.end();
  onEnd?.();
}

function failed<T>(span: Span, { onFailure, onEnd }: Ending<T>, error: unknown): void {
  recordFailure(span, error);
  if (onFailure) quietly(() => onFailure(span));
  span.end();
  onEnd?.();
}
