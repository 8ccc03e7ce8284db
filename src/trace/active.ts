/**
 * The active frame, carried across `await` by the one AsyncLocalStorage of this
 * package. Only `run` and `getStore` are used: workerd throws on the rest, which
 * is why OpenTelemetry's own AsyncLocalStorage context manager cannot serve here.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, type ContextManager, ROOT_CONTEXT } from "@opentelemetry/api";
import type { Frame } from "./scope.js";

const storage = new AsyncLocalStorage<Frame | undefined>();

/** The frame of the running invocation; `undefined` outside of any. */
export function activeFrame(): Frame | undefined {
  return storage.getStore();
}

export function activeContext(): Context {
  return storage.getStore()?.context ?? ROOT_CONTEXT;
}

/** Runs `fn` with `frame` active, also in everything asynchronous that `fn` starts. */
export function runInFrame<R>(frame: Frame | undefined, fn: () => R): R {
  return storage.run(frame, fn);
}

/** Runs `fn` where nothing is traced: what it starts belongs to no invocation. */
export function untraced<R>(fn: () => R): R {
  return storage.run(undefined, fn);
}

function withContext<A extends unknown[], R>(
  context: Context,
  fn: (this: unknown, ...args: A) => R,
  thisArg?: unknown,
  ...args: A
): R {
  // The scope outlives any change of context, so that a span started under
  // ROOT_CONTEXT is still recorded by the invocation that started it.
  const frame: Frame = { context, scope: storage.getStore()?.scope };
  return storage.run(frame, () => Reflect.apply<unknown, A, R>(fn, thisArg, args));
}

/** Lets `context.active()` and `context.with()` of `@opentelemetry/api` use the same frames. */
export const contextManager: ContextManager = {
  active: activeContext,
  with: withContext,
  bind<T>(context: Context, target: T): T {
    if (typeof target !== "function") return target;
    const frame: Frame = { context, scope: storage.getStore()?.scope };
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return storage.run(frame, () => Reflect.apply(target, this, args));
    };
    Object.defineProperty(bound, "length", { configurable: true, value: target.length });
    return bound as T;
  },
  enable() {
    return contextManager;
  },
  disable() {
    return contextManager;
  },
};
