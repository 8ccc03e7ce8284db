/**
 * The active frame, carried across `await` by the one AsyncLocalStorage of this
 * package. On Workers only `run` and `getStore` are used: workerd throws on the rest, which
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
export function runInFrame<A extends unknown[], R>(
  frame: Frame,
  fn: (...args: A) => R,
  ...args: A
): R {
  return storage.run(frame, fn, ...args);
}

/** Makes `frame` active for what follows here. On Node alone: workerd throws. */
export function enterFrame(frame: Frame): void {
  storage.enterWith(frame);
}

/** Runs `fn` where nothing is traced: what it starts belongs to no invocation. */
export function untraced<R>(fn: () => R): R {
  return storage.run(undefined, fn);
}

/**
 * A frame with another context. The scope outlives the change, so that a span started under
 * ROOT_CONTEXT is still recorded by the invocation that started it.
 */
export function frameWith(context: Context): Frame {
  return { context, scope: storage.getStore()?.scope };
}

/** Lets `context.active()` and `context.with()` of `@opentelemetry/api` use the same frames. */
export const contextManager: ContextManager = {
  active: activeContext,
  with(context, fn, thisArg, ...args) {
    return storage.run(frameWith(context), () => Reflect.apply(fn, thisArg as never, args));
  },
  bind<T>(context: Context, target: T): T {
    if (typeof target !== "function") return target;
    const frame = frameWith(context);
    const length: PropertyDescriptor = { configurable: true, value: target.length };
    return Object.defineProperty(
      function (this: unknown, ...args: unknown[]) {
        return storage.run(frame, () => Reflect.apply(target, this, args));
      },
      "length",
      length,
    ) as T;
  },
  enable() {
    return this;
  },
  disable() {
    return this;
  },
};
