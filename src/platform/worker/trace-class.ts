/** Classes that the platform makes instances of, each call of theirs as a traced invocation. */
import { ConfigError } from "../../config/error.js";
import { activeFrame } from "../../trace/active.js";
import { quietly } from "../../trace/quietly.js";
import type { Scope } from "../../trace/scope.js";
import { type WaitsUntil, afterResponse } from "./after-response.js";
import { type RuntimeFor, type WorkerOptions, createRuntimes } from "./create-runtimes.js";
import type { Method } from "./replace-methods.js";
import type { WorkerTrigger } from "./triggers/worker-trigger.js";

/** A class whose instances the platform makes of a context and an `env`. */
export interface EntrypointClass<Env = never> {
  new (ctx: never, env: Env): object;
  readonly prototype: object;
}

/** The `env` that the constructor of a class takes. */
export type EnvOfClass<Class> = Class extends new (ctx: never, env: infer Env) => object
  ? Env
  : unknown;

/** How the call of a method is told; the event is made of its arguments. */
export interface CallTrigger {
  readonly trigger: WorkerTrigger<never>;
  readonly event: unknown;
}

/** Tells what a call of a method is. */
export type TriggerOf = (
  className: string,
  method: string,
  args: readonly unknown[],
) => CallTrigger;

/**
 * Answers a class that inherits from `Class` and traces the calls of its methods. `Class`
 * itself stays untouched; what it keeps private, its statics and its name stay what they were.
 */
export function traceClass<Class extends EntrypointClass>(
  Class: Class,
  options: WorkerOptions<EnvOfClass<Class>> | undefined,
  triggerOf: TriggerOf,
  caller: string,
): Class {
  if (typeof Class !== "function" || typeof Class.prototype !== "object")
    throw new ConfigError(
      `edgespan: ${caller}(Class) needs a class, e.g. ${caller}(class extends …)`,
    );
  // With the first instance: an isolate that makes none stays as it was.
  let runtimeFor: RuntimeFor<EnvOfClass<Class>> | undefined;
  const instances = new WeakMap<object, { ctx: WaitsUntil; env: EnvOfClass<Class> }>();
  const running = new WeakMap<Scope, object>();

  const Traced = class extends (Class as unknown as new (...args: unknown[]) => object) {
    constructor(...args: unknown[]) {
      super(...args);
      runtimeFor ??= createRuntimes(options);
      const [ctx, env] = args as [WaitsUntil, EnvOfClass<Class>];
      instances.set(this, { ctx, env });
    }
  };
  const traceMethod = (name: string, original: Method): Method =>
    function (...args) {
      const self = this as object;
      const made = instances.get(self);
      const scope = activeFrame()?.scope;
      // What an instance calls on itself is part of the invocation that it is in.
      const isInner = scope && running.get(scope) === self;
      if (!made || isInner) return Reflect.apply(original, self, args);
      const runtime = runtimeFor?.(made.env, made.ctx);
      const call = triggerOf(Class.name, name, args);
      const trigger = call.trigger as WorkerTrigger<unknown>;
      const isTraced = quietly(() => trigger.prepare?.(call.event)) ?? true;
      if (!runtime || !isTraced) return Reflect.apply(original, self, args);
      const invocation = { trigger, event: call.event, after: afterResponse(made.ctx) };
      return runtime.invoke(invocation, () => {
        const own = activeFrame()?.scope;
        if (own) running.set(own, self);
        return Reflect.apply(original, self, args);
      });
    };
  for (const [name, property] of methodsOf(Class.prototype)) {
    const value = traceMethod(name, property.value as Method);
    Object.defineProperty(Traced.prototype, name, { ...property, value });
  }
  Object.defineProperty(Traced, "name", { configurable: true, value: Class.name });
  return Traced as unknown as Class;
}

/** The methods of a class and of those that it inherits from, as far as they are the application's. */
function methodsOf(prototype: object): Map<string, PropertyDescriptor> {
  const methods = new Map<string, PropertyDescriptor>();
  for (
    let at: object | null = prototype;
    at && at !== Object.prototype && !isNative(at.constructor);
    at = Object.getPrototypeOf(at) as object | null
  )
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (name !== "constructor" && typeof property.value === "function" && !methods.has(name))
        methods.set(name, property);
  return methods;
}

/** Whether a class is the platform's, as `DurableObject` of `cloudflare:workers` is. */
function isNative(constructor: unknown): boolean {
  return String(constructor).endsWith("{ [native code] }");
}
