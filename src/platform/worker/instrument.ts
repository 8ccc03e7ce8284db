/** `instrument()`: the handlers of a Worker as traced invocations. */
import { ConfigError } from "../../config/error.js";
import { quietly } from "../../trace/quietly.js";
import { type WaitsUntil, afterResponse } from "./after-response.js";
import { type RuntimeFor, type WorkerOptions, createRuntimes } from "./create-runtimes.js";
import { lookAlike } from "./replace-methods.js";
import { TRIGGERS } from "./triggers/triggers.js";
import type { WorkerTrigger } from "./triggers/worker-trigger.js";

/** The `env` that a handler's `fetch` takes. */
export type EnvOf<Handler> = Handler extends { fetch?: (...args: infer Args) => unknown }
  ? Args extends [unknown, (infer Env)?, ...unknown[]]
    ? Declared<Env>
    : unknown
  : unknown;

/** Without the `{}` by which Hono's `fetch` says that its `env` may be left out. */
type Declared<Env> = [WithKeys<Env>] extends [never] ? Env : WithKeys<Env>;
type WithKeys<Env> = Env extends unknown ? (keyof Env extends never ? never : Env) : never;

/** Under this name a traced handler keeps the original, whichever copy of the package made it. */
const ORIGINAL = Symbol.for("edgespan.original");

interface Handle {
  (this: unknown, ...args: unknown[]): unknown;
  [ORIGINAL]?: Handle;
}

/**
 * Instruments a Worker's handlers: each invocation becomes a trace, or continues its caller's.
 *
 * `fetch`, `scheduled`, `queue`, `email` and `tail` are replaced in place, so that the handler
 * stays the same object, with its private fields and everything else that it does; a frozen
 * handler is stood in for by an object that inherits from it. Instrumenting it again replaces
 * the options. Spans are exported after the response, under `ctx.waitUntil`.
 *
 * @param handler an `ExportedHandler`, a Hono app, or any object with one of those methods;
 *   a class is for `instrumentEntrypoint` or `instrumentDurableObject`
 * @param options options, or a function of `env` that returns them; default all from `OTEL_*` variables in `env`
 * @throws ConfigError at the first invocation, where wrong configuration is met outside of production
 */
export function instrument<Handler extends object>(
  handler: Handler,
  options?: WorkerOptions<EnvOf<Handler>>,
): Handler {
  const handlers = (handler ?? {}) as Record<string, Handle | undefined>;
  const kinds = Object.keys(TRIGGERS).filter((kind) => typeof handlers[kind] === "function");
  if (typeof handler !== "object" || kinds.length === 0)
    throw new ConfigError(
      "edgespan: instrument(handler) needs an object with fetch; a class is for instrumentEntrypoint",
    );
  const runtimeFor = createRuntimes(options) as RuntimeFor<unknown>;
  const replaced: PropertyDescriptorMap = {};
  let isFixed = false;
  let standIn: Handler | undefined;
  for (const kind of kinds) {
    const current = handlers[kind] as Handle;
    const original = current[ORIGINAL] ?? current;
    const value = traceHandler(
      original,
      TRIGGERS[kind] as WorkerTrigger<unknown>,
      runtimeFor,
      (receiver) => (standIn && receiver === standIn ? handler : receiver),
    );
    const enumerable = Object.keys(handler).includes(kind);
    replaced[kind] = { value, writable: true, enumerable, configurable: true };
    isFixed ||= !Reflect.defineProperty(handler, kind, replaced[kind]);
  }
  if (!isFixed) return handler;
  // With the handler's own properties as its own, for who spreads it sees no others.
  const own = Object.getOwnPropertyDescriptors(handler);
  return (standIn = Object.create(handler, { ...own, ...replaced }) as Handler);
}

function traceHandler(
  original: Handle,
  trigger: WorkerTrigger<unknown>,
  runtimeFor: RuntimeFor<unknown>,
  receiverOf: (receiver: unknown) => unknown,
): Handle {
  const traced: Handle = function (this: unknown, ...args) {
    const [event, env, ctx] = args as [unknown, unknown, WaitsUntil | undefined];
    const runtime = runtimeFor(env, ctx);
    const receiver = receiverOf(this);
    const isTraced = quietly(() => trigger.prepare?.(event)) ?? true;
    if (!runtime || !isTraced) return Reflect.apply(original, receiver, args);
    return runtime.invoke({ trigger, event, after: afterResponse(ctx) }, () =>
      Reflect.apply(original, receiver, args),
    );
  };
  lookAlike(traced, original);
  traced[ORIGINAL] = original;
  return traced;
}
