/** A method of a binding whose calls become spans. */
import type { Context } from "@opentelemetry/api";
import { activeContext, activeFrame } from "../../../trace/active.js";
import { contextWith } from "../../../trace/context.js";
import { KIND_CLIENT } from "../../../trace/enums.js";
import { quietly } from "../../../trace/quietly.js";
import { endWith } from "../../../trace/settle.js";
import type { RunSpanOptions } from "../../../trace/span.js";
import { OWN, dropsAll, startSpan } from "../../../trace/start-span.js";
import type { Tracing } from "../../../trace/tracing.js";
import type { Replacement } from "../replace-methods.js";

/** One call, as it was made. */
export interface Call {
  /** The binding. */
  readonly target: object;
  /** Its name in `env`; undefined where it did not come from there. */
  readonly binding: string | undefined;
  readonly args: readonly unknown[];
}

/** The span of a call. */
export interface CallSpan extends RunSpanOptions<unknown> {
  readonly name: string;
  /** Makes the arguments that are handed on, where they are others than the caller's. */
  readonly argsWith?: (context: Context, tracing: Tracing) => readonly unknown[] | undefined;
}

/** Tells the span of a call; nothing where the call is none to tell of. */
export type Describe = (call: Call) => CallSpan | undefined;

const names = new WeakMap<object, string>();

/** The name of a binding in `env`; undefined where it did not come from there. */
export function nameOf(binding: object): string | undefined {
  return names.get(binding);
}

/** Remembers under which name `env` holds a binding. */
export function nameBinding(binding: object, name: string | undefined): void {
  if (name) names.set(binding, name);
}

/**
 * Inside of an invocation, each call becomes a CLIENT span; elsewhere, and where it is not
 * sampled, the replacement only forwards. What is called cannot start spans of ours, so that no
 * context has to be entered.
 *
 * @param carries whether calls may carry context, also of an invocation that is not sampled
 */
export function traced(describe: Describe, carries = false): Replacement {
  return (original) =>
    function (...args) {
      const { scope, context } = activeFrame() ?? {};
      if (!scope || !context || (!carries && dropsAll(scope, context)))
        return Reflect.apply(original, this, args);
      const target = this as object;
      const span = quietly(() => describe({ target, binding: nameOf(target), args }));
      if (!span) return Reflect.apply(original, this, args);
      const started = startSpan(
        scope,
        OWN,
        span.name,
        { kind: KIND_CLIENT, ...span },
        activeContext(),
      );
      const { argsWith } = span;
      const carrying =
        argsWith && quietly(() => argsWith(contextWith(activeContext(), started), scope.tracing));
      return endWith(started, span, () => Reflect.apply(original, this, carrying ?? args));
    };
}
