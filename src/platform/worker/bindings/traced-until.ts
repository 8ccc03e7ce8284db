/** A method of a binding whose span outlasts what it answers, such as a stream that is still to be read. */
import type { Span } from "@opentelemetry/api";
import { activeContext, activeFrame } from "../../../trace/active.js";
import { KIND_CLIENT } from "../../../trace/enums.js";
import { recordFailure } from "../../../trace/failure.js";
import { quietly } from "../../../trace/quietly.js";
import { OWN, startSpan } from "../../../trace/start-span.js";
import type { Replacement } from "../replace-methods.js";
import { type Describe, nameOf } from "./traced.js";

/** What the caller gets, and what the span waits for. */
export interface Outlasting {
  readonly value: unknown;
  readonly done: PromiseLike<unknown>;
}

/** As `traced`; the span of a result that `outlast` answers something for ends when that is done. */
export function tracedUntil(
  describe: Describe,
  outlast: (span: Span, result: unknown) => Outlasting | undefined,
): Replacement {
  return (original) =>
    function (...args) {
      const scope = activeFrame()?.scope;
      const target = this as object;
      const call = scope && quietly(() => describe({ target, binding: nameOf(target), args }));
      if (!call) return Reflect.apply(original, this, args);
      const options = { kind: KIND_CLIENT, ...call };
      const span = startSpan(scope, OWN, call.name, options, activeContext());
      const failed = (error: unknown): never => {
        recordFailure(span, error);
        span.end();
        throw error;
      };
      const returned = (result: unknown): unknown => {
        const later = quietly(() => outlast(span, result));
        if (!later) span.end();
        else
          later.done.then(
            () => span.end(),
            (error: unknown) => {
              recordFailure(span, error);
              span.end();
            },
          );
        return later ? later.value : result;
      };
      let answer: unknown;
      try {
        answer = Reflect.apply(original, this, args);
      } catch (error) {
        return failed(error);
      }
      return answer instanceof Promise ? answer.then(returned, failed) : returned(answer);
    };
}
