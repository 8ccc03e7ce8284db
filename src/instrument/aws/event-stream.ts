/**
 * A stream of events that a command answers with. It stays the object that the SDK made; methods
 * of its own tell when it was read to its end, was left, or broke off.
 */
import { quietly } from "../../trace/quietly.js";
import type { Shape } from "./service.js";

/** Resolves with the end of a stream, if it is one, or rejects as it breaks off; never where nobody reads it. */
export function endOf(stream: unknown, onEvent: (event: Shape) => void): Promise<void> | undefined {
  if (typeof (stream as Partial<AsyncIterable<Shape>>)?.[Symbol.asyncIterator] !== "function")
    return undefined;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  tell(stream, Symbol.asyncIterator, (iterator) => {
    tell(iterator, "next", (step) => {
      (step as Promise<IteratorResult<Shape>>).then(
        (next) => quietly(() => (next.done ? resolve() : onEvent(next.value))),
        reject,
      );
    });
    tell(iterator, "return", () => resolve());
    tell(iterator, "throw", () => resolve());
  });
  return promise;
}

/** Has a method of an object tell what it answers. */
function tell(object: unknown, name: PropertyKey, told: (answer: unknown) => void): void {
  const original: unknown = Reflect.get(object as object, name);
  if (typeof original !== "function") return;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    const answer: unknown = Reflect.apply(original, this, args);
    quietly(() => told(answer));
    return answer;
  };
  Object.defineProperty(object, name, { configurable: true, writable: true, value });
}
