/** Classes that the platform makes instances of, each call of theirs as a traced invocation. */
import type { Attributes } from "@opentelemetry/api";
import { ConfigError } from "../../config/error.js";
import { activeFrame, runInFrame } from "../../trace/active.js";
import { quietly } from "../../trace/quietly.js";
import { isThenable } from "../../trace/settle.js";
import type { Carrier } from "../../trace/trigger.js";
import { type WaitsUntil, afterResponse } from "./after-response.js";
import { type RuntimeFor, type WorkerOptions, createRuntimes } from "./create-runtimes.js";
import { type Method, lookAlike } from "./replace-methods.js";
import { CONTINUE, carrierOf, unableToContinue } from "./rpc-context.js";
import { UNTOLD, methodsOf, standInFor } from "./stand-in-class.js";
import { type RpcCall, rpcTrigger } from "./triggers/rpc.js";
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
  /** Whether its answer is only ever awaited, so that a promise of RPC may be awaited here. */
  readonly isAwaited?: boolean;
}

/** What is particular to one kind of class. */
export interface ClassKind {
  /** The function that instruments it, for messages. */
  readonly caller: string;
  /** The handlers that the platform calls, which RPC cannot; one without a trigger is not traced. */
  readonly handlers: Readonly<Record<string, ((event: HandlerCall) => CallTrigger) | undefined>>;
  /** What is told of each call beside its trigger's attributes. */
  attributesOf?(className: string, ctx: unknown): Attributes;
  /** Is given the context of each instance before that is made. */
  onContext?(ctx: object): void;
}

export interface HandlerCall {
  readonly className: string;
  /** The context of the instance. */
  readonly ctx: object;
  readonly args: readonly unknown[];
}

/** What an instance was made of. */
interface Made<Env> {
  readonly ctx: WaitsUntil;
  readonly env: Env;
  attributes?: Attributes | undefined;
}

/**
 * Answers a class that inherits from `Given` and traces what the platform calls; what is called
 * within an invocation is a part of that. `Given` itself stays untouched; what it keeps private,
 * its statics and its name stay what they were.
 */
export function traceClass<Class extends EntrypointClass>(
  Given: Class,
  options: WorkerOptions<EnvOfClass<Class>> | undefined,
  kind: ClassKind,
): Class {
  const { caller, handlers } = kind;
  if (typeof Given !== "function" || typeof Given.prototype !== "object")
    throw new ConfigError(
      `edgespan: ${caller}(Class) needs a class, e.g. ${caller}(class extends …)`,
    );
  // Of one that is instrumented already, be it by another copy of the package, the original.
  const isAgain = Object.hasOwn(Given.prototype, CONTINUE);
  const Class = isAgain ? (Object.getPrototypeOf(Given) as Class) : Given;
  const { name: className, prototype } = Class;
  // With the first instance: an isolate that makes none stays as it was.
  let runtimeFor: RuntimeFor<EnvOfClass<Class>> | undefined;
  const instances = new WeakMap<object, Made<EnvOfClass<Class>>>();

  const Traced = standInFor(Class, {
    onMaking([ctx]) {
      quietly(() => kind.onContext?.(ctx as object));
    },
    onMade(instance, [ctx, env]) {
      runtimeFor ??= createRuntimes(options);
      instances.set(instance, { ctx: ctx as WaitsUntil, env: env as EnvOfClass<Class> });
      replaceOwnHandlers(instance, handlers, call);
    },
  });

  const call: CallMethod = (self, method, args, { carrier, own } = {}) => {
    // Looked up at each call, so that a spy or a patch on the application's own class works.
    const run = (): unknown =>
      Reflect.apply(own ?? (Reflect.get(prototype, method, self) as Method), self, args);
    const made = instances.get(self);
    // The platform calls where nothing is active.
    if (!made || activeFrame()) return run();
    const told: CallTrigger | undefined = Object.hasOwn(handlers, method)
      ? handlers[method]?.({ className, args, ctx: made.ctx })
      : { trigger: rpcTrigger, event: { className, method, carrier } satisfies RpcCall };
    if (!told) return runInFrame(UNTOLD, run);
    const runtime = runtimeFor?.(made.env, made.ctx);
    const trigger = told.trigger as WorkerTrigger<unknown>;
    const isTraced = quietly(() => trigger.prepare?.(told.event, runtime?.tracing)) ?? true;
    if (!runtime) return run();
    if (!isTraced) return runInFrame(UNTOLD, run);
    const attributes = (made.attributes ??=
      quietly(() => kind.attributesOf?.(className, made.ctx)) ?? {});
    return runtime.invoke(
      { trigger, event: told.event, attributes, after: afterResponse(made.ctx) },
      () => (told.isAwaited ? awaited(run()) : run()),
    );
  };

  replaceMethodsOf(Traced, handlers, call);
  return Traced;
}

/** A promise of RPC is none of the language's, which alone is waited for. */
function awaited(answer: unknown): unknown {
  return isThenable(answer) ? Promise.resolve(answer) : answer;
}

type CallMethod = (self: object, method: string, args: unknown[], more?: CallMore) => unknown;

interface CallMore {
  readonly carrier?: Carrier;
  /** What the instance itself has under the name of a handler. */
  readonly own?: Method;
}

function replaceMethodsOf(
  Traced: EntrypointClass,
  handlers: ClassKind["handlers"],
  call: CallMethod,
): void {
  const methods = methodsOf(Traced.prototype);
  for (const [name, property] of methods) {
    const value: Method = function (...args) {
      return call(this as object, name, args);
    };
    lookAlike(value, property.value as Method);
    Object.defineProperty(Traced.prototype, name, { ...property, value });
  }
  const continued: Method = function (fields, method, args) {
    const self = this as object;
    // No more than RPC itself reaches: no handler, nothing that is inherited from the platform.
    const isCallable =
      typeof method === "string" &&
      methods.has(method) &&
      !Object.hasOwn(handlers, method) &&
      !Object.hasOwn(self, method);
    if (!isCallable || !Array.isArray(args)) throw unableToContinue();
    return call(self, method, args, { carrier: carrierOf(fields) });
  };
  // Writable, as any method is: the Agents SDK assigns to all that it finds on a prototype.
  Object.defineProperty(Traced.prototype, CONTINUE, {
    configurable: true,
    writable: true,
    value: continued,
  });
}

/** A handler that an instance has itself, e.g. an arrow function, hides that of its class. */
function replaceOwnHandlers(
  instance: object,
  handlers: ClassKind["handlers"],
  call: CallMethod,
): void {
  for (const name in handlers)
    quietly(() => {
      const property = Reflect.getOwnPropertyDescriptor(instance, name);
      const own = property?.value as Method | undefined;
      if (!handlers[name] || typeof own !== "function") return;
      const value: Method = (...args) => call(instance, name, args, { own });
      lookAlike(value, own);
      Object.defineProperty(instance, name, { ...property, value });
    });
}
