/** Ends a span when the work that it describes is done, whether that answers at once or by a promise. */
import type { Span } from "@opentelemetry/api";
import { recordFailure } from "./failure.js";
import { quietly } from "./quietly.js";

/** What stands in for a result whose work goes on, and what tells that it is over. */
export interface Outlasting {
  readonly value: unknown;
  readonly done: PromiseLike<unknown>;
}

/** What follows the work. */
export interface Ending<T> {
  /** Tells what the result says of the work, before the span ends. */
  readonly onResult?: ((span: Span, result: T) => void) | undefined;
  /** Tells more of work that failed, before the span ends. */
  readonly onFailure?: ((span: Span) => void) | undefined;
  /** Where the work goes on after the result, such as a body that is streamed: the span then ends with that. */
  readonly outlast?: ((result: T, span: Span) => Outlasting | undefined) | undefined;
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
  if (!(value instanceof Promise)) return returned(span, ending, value as Awaited<T>) as T;
  const isPlain = value.constructor === Promise;
  const watched = value.then(
    (result: Awaited<T>) =>
      returned(span, isPlain ? ending : { ...ending, outlast: undefined }, result),
    (error: unknown) => {
      failed(span, ending, error);
      throw error;
    },
  );
  if (isPlain) return watched as T;
  // A subclass may have methods that its `then` does not hand on, so it is returned as it is.
  watched.catch(() => undefined);
  return value;
}

/** Answers the result, or what stands in for it. */
function returned<T>(span: Span, ending: Ending<T>, result: T): unknown {
  const { onResult, outlast, onEnd } = ending;
  if (onResult) quietly(() => onResult(span, result));
  const later = outlast && quietly(() => outlast(result, span));
  if (!later) {
    span.end();
    onEnd?.();
    return result;
  }
  later.done.then(
    () => returned(span, { onEnd }, result),
    (error: unknown) => failed(span, ending, error),
  );
  return later.value;
}

function failed<T>(span: Span, { onFailure, onEnd }: Ending<T>, error: unknown): void {
  recordFailure(span, error);
  if (onFailure) quietly(() => onFailure(span));
  span.end();
  onEnd?.();
}
