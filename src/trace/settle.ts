/** Observes how a function ends, whether it answers at once or by a promise. */

export interface Outcome<T> {
  returned(value: T): void;
  threw(error: unknown): void;
}

/** Whether the value can be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/**
 * Runs `fn` and tells `outcome` how it ended, without changing what the caller
 * sees: the same value or the same thrown error, synchronously where `fn` is
 * synchronous. Only native promises are chained; another thenable may be lazy
 * and would run twice, so it counts as returned at once.
 */
export function observe<T>(fn: () => T, outcome: Outcome<Awaited<T>>): T {
  let value: T;
  try {
    value = fn();
  } catch (error) {
    outcome.threw(error);
    throw error;
  }
  if (!(value instanceof Promise)) {
    outcome.returned(value as Awaited<T>);
    return value;
  }
  const watched = value.then(
    (result: Awaited<T>) => {
      outcome.returned(result);
      return result;
    },
    (error: unknown) => {
      outcome.threw(error);
      throw error;
    },
  );
  if (value.constructor === Promise) return watched as T;
  // A subclass may have methods that its `then` does not hand on, so it is returned as it is.
  watched.catch(() => undefined);
  return value;
}
