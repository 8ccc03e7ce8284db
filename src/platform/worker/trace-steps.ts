/** The steps of a Workflow as spans: each attempt of a callback, and what is waited for. */
import type { Attributes, Context } from "@opentelemetry/api";
import { activeFrame, runInFrame } from "../../trace/active.js";
import { recordFailure } from "../../trace/failure.js";
import { quietly } from "../../trace/quietly.js";
import type { Frame, Scope } from "../../trace/scope.js";
import { isThenable } from "../../trace/settle.js";
import { runSpan } from "../../trace/span.js";
import { OWN, startSpan } from "../../trace/start-span.js";
import type { Method, Replacement } from "./replace-methods.js";

/** What a callback is given of its step. */
interface StepContext {
  readonly step?: { readonly count?: number };
  readonly attempt?: number;
  readonly config?: { readonly retries?: { readonly limit?: number } };
}

/**
 * A wait that was over before is answered from storage when an instance runs again. Nothing
 * else tells it from a new one, and a new one that is as short tells nothing.
 */
const REPLAYED_MS = 50;

const METHODS: Readonly<Record<string, Replacement>> = {
  do: (original) =>
    function (...args) {
      const frame = activeFrame();
      return Reflect.apply(original, this, frame?.scope ? withSpans(frame, args) : args);
    },
  sleep: waiting("sleep"),
  sleepUntil: waiting("sleepUntil"),
  waitForEvent: waiting("waitForEvent"),
};

/**
 * Traces the steps of one run. `step` is a stub of RPC, made anew for each run: a method of its
 * own comes before those that it answers by a call. Methods that it has already, as the stub
 * of an application's own tests does, are left alone.
 */
export function traceSteps(step: unknown): void {
  for (const name in METHODS)
    quietly(() => {
      const methods = step as Record<string, Method>;
      const original = methods[name];
      if (typeof original !== "function" || Object.hasOwn(methods, name)) return;
      const value = (METHODS[name] as Replacement)(original);
      Object.defineProperty(methods, name, { value, configurable: true, writable: true });
    });
}

/**
 * The callback is called for each attempt, and not at all where the result is stored: the span
 * is the attempt's. It is called through RPC, which loses what was active.
 */
function withSpans(frame: Frame, args: readonly unknown[]): unknown[] {
  const [name] = args;
  return args.map((arg) => {
    if (typeof arg === "function")
      return inSpan(frame, `step.do ${String(name)}`, name, arg as Method);
    const { rollback } = (arg ?? {}) as { rollback?: unknown };
    if (typeof rollback !== "function") return arg;
    const traced = inSpan(frame, `step.rollback ${String(name)}`, name, rollback as Method);
    return { ...(arg as object), rollback: traced };
  });
}

function inSpan(frame: Frame, spanName: string, name: unknown, callback: Method): Method {
  return function (...args) {
    const attributes = quietly(() => attributesOf(name, args[0])) ?? {};
    return runInFrame(frame, () =>
      runSpan(spanName, { attributes }, () => Reflect.apply(callback, this, args)),
    );
  };
}

/** A step's callback is given its context; a rollback's is given it as `ctx`. */
function attributesOf(name: unknown, given: unknown): Attributes {
  const { ctx = given } = given as { ctx?: unknown };
  const { step, attempt, config } = ctx as StepContext;
  return {
    [STEP_NAME]: name,
    "cloudflare.workflow.step.count": step?.count,
    "cloudflare.workflow.step.attempt": attempt,
    "cloudflare.workflow.step.retries.limit": config?.retries?.limit,
  };
}

const STEP_NAME = "cloudflare.workflow.step.name";

/** The span is made when the wait is over: an instance that sleeps long is ended before. */
function waiting(method: string): Replacement {
  return (original) =>
    function (...args) {
      const { scope, context } = activeFrame() ?? {};
      const since = scope?.now() ?? 0;
      const waited = Reflect.apply(original, this, args);
      if (scope && context && isThenable(waited))
        quietly(() => {
          const end = wait(scope, context, since, method, args);
          waited.then(
            () => end(),
            (error: unknown) => end({ error }),
          );
        });
      return waited;
    };
}

function wait(
  scope: Scope,
  context: Context,
  startTime: number,
  method: string,
  [name, options]: readonly unknown[],
): (failed?: { error: unknown }) => void {
  const { type } = (options ?? {}) as { type?: string };
  const attributes = { [STEP_NAME]: name, "cloudflare.workflow.event.type": type };
  return (failed) =>
    quietly(() => {
      if (scope.now() - startTime < REPLAYED_MS) return;
      const span = startSpan(
        scope,
        OWN,
        `step.${method} ${String(name)}`,
        { attributes, startTime },
        context,
      );
      if (failed) recordFailure(span, failed.error);
      span.end();
    });
}
