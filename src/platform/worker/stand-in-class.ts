/** A class that stands in for another, and the methods that it may replace. */
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { activeFrame, runInFrame } from "../../trace/active.js";
import type { Frame } from "../../trace/scope.js";
import { CONTINUE } from "./rpc-context.js";

type Constructor = new (...args: never[]) => object;

/**
 * Where an instance is made, or does what nobody tells of. What is started there, e.g. by
 * `blockConcurrencyWhile`, may call methods that are traced, and is no call of the platform's.
 */
export const UNTOLD: Frame = { context: ROOT_CONTEXT, scope: undefined };

/** What is told of each instance, by what it is made of. */
export interface Making {
  onMaking(args: readonly unknown[]): void;
  onMade(instance: object, args: readonly unknown[]): void;
}

/**
 * A class that inherits from `Class`, with its statics and name, and tells of each instance.
 * `Class` makes the instance, so that what it keeps private is where it belongs.
 */
export function standInFor<Class extends Constructor>(Class: Class, making: Making): Class {
  // Not by `class extends`, whose super() could not be called in a frame.
  function StandIn(...args: unknown[]): object {
    making.onMaking(args);
    const instance = runInFrame(activeFrame() ?? UNTOLD, () =>
      // Without `new` it is a TypeError, as for any class.
      Reflect.construct(Class, args, new.target as never),
    ) as object;
    // Of a class in a Proxy that makes instances of its target, as Sentry's are.
    if (Object.getPrototypeOf(instance) === Class.prototype)
      Object.setPrototypeOf(instance, (new.target as unknown as Constructor).prototype as object);
    making.onMade(instance, args);
    return instance;
  }
  Object.setPrototypeOf(StandIn, Class);
  Object.setPrototypeOf(StandIn.prototype as object, Class.prototype as object);
  Object.defineProperty(StandIn, "prototype", { writable: false });
  Object.defineProperty(StandIn, "name", { configurable: true, value: Class.name });
  Object.defineProperty(StandIn, "length", { configurable: true, value: Class.length });
  return StandIn as unknown as Class;
}

/** The methods of a class and of those that it inherits from, as far as they are the application's. */
export function methodsOf(prototype: object): Map<string, PropertyDescriptor> {
  const methods = new Map<string, PropertyDescriptor>();
  for (
    let at: object | null = prototype;
    at && at !== Object.prototype && !isNative(at.constructor);
    at = Object.getPrototypeOf(at) as object | null
  )
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      // Of a class that is instrumented twice the outer one continues.
      if (name !== "constructor" && name !== CONTINUE && !methods.has(name))
        methods.set(name, property);
  for (const [name, { value }] of methods) if (typeof value !== "function") methods.delete(name);
  return methods;
}

/** Whether a class is the platform's, as `DurableObject` of `cloudflare:workers` is. */
function isNative(constructor: unknown): boolean {
  return String(constructor).endsWith("{ [native code] }");
}
