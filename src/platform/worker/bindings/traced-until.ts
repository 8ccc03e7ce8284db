/** A method of a binding whose span outlasts what it answers, such as a stream that is still to be read. */
import type { Span } from "@opentelemetry/api";
import { activeContext, activeFrame } from "../../../trace/active.js";
import { KIND_CLIENT } from "../../../trace/enums.js";
import { quietly } from "../../../trace/quietly.js";
import { type Outlasting, endWith } from "../../../trace/settle.js";
import { OWN, startSpan } from "../../../trace/start-span.js";
import type { Replacement } from "../replace-methods.js";
import { type Describe, nameOf } from "./traced.js";

/** As `traced`; the span of a result that `outlast` answers something for ends when that is done. */
export function tracedUntil(
  describe: Describe,
  outlast: (result: unknown, span: Span) => Outlasting | undefined,
): Replacement {
  return (original) =>
    function (...args) {
      const scope = activeFrame()?.scope;
      const target = this as object;
      const call = scope && quietly(() => describe({ target, binding: nameOf(target), args }));
      if (!call) return Reflect.apply(original, this, args);
      const options = { kind: KIND_CLIENT, ...call };
      const span = startSpan(scope, OWN, call.name, options, activeContext());
      return endWith(span, { outlast }, () => Reflect.apply(original, this, args));
    };
}
