/** The init phase: whether the first invocation waited for it, and the span that tells how long. */
import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { takeColdStart } from "../../trace/cold-start.js";
import { contextWith } from "../../trace/context.js";
import type { Scope } from "../../trace/scope.js";
import { OWN, startSpan } from "../../trace/start-span.js";

export interface Init {
  /** An invocation is about to begin. */
  over(): void;
  /** Records the init phase below the root of the invocation that waited for it. */
  tell(scope: Scope): void;
}

/** Longer than an init phase may take: who comes so late did not wait for it. */
const PROACTIVE_MS = 10_000;

/**
 * To be called at the end of the init phase.
 * @param type `AWS_LAMBDA_INITIALIZATION_TYPE`; every other than on-demand is over before anybody calls
 */
export function watchInit(type: string | undefined): Init {
  const readyAt = Date.now();
  if (type && type !== "on-demand") takeColdStart();
  return {
    over() {
      // Lambda also initialises on-demand sandboxes in advance.
      if (Date.now() - readyAt > PROACTIVE_MS) takeColdStart();
    },
    tell(scope) {
      const { root } = scope;
      const isCold = (root as unknown as ReadableSpan).attributes["faas.coldstart"];
      if (!root || !isCold || type !== "on-demand") return;
      const options = { startTime: performance.timeOrigin };
      startSpan(scope, OWN, "init", options, contextWith(ROOT_CONTEXT, root)).end(readyAt);
    },
  };
}
