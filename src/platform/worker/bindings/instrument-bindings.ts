/** Finds the bindings in an `env` and instruments their classes, each once per isolate. */
import { type Replacement, replaceMethods } from "../replace-methods.js";
import { D1 } from "./d1.js";
import { DURABLE_OBJECT_NAMESPACE, FETCHER } from "./fetcher.js";
import { KV } from "./kv.js";
import { R2 } from "./r2.js";
import { QUEUE } from "./queue.js";
import { nameBinding } from "./traced.js";

/** The classes, by the names that workerd has for them. What is not among them is left alone. */
const CLASSES: Readonly<Record<string, Readonly<Record<string, Replacement>>>> = {
  D1Database: D1,
  DurableObjectNamespace: DURABLE_OBJECT_NAMESPACE,
  Fetcher: FETCHER,
  KvNamespace: KV,
  R2Bucket: R2,
  WorkerQueue: QUEUE,
};

const seen = new WeakSet();

/** Looks through an `env` that was not seen before. */
export function instrumentBindings(env: unknown): void {
  if (typeof env !== "object" || !env || seen.has(env)) return;
  seen.add(env);
  for (const name in env) {
    const binding = (env as Record<string, unknown>)[name];
    if (typeof binding !== "object" || !binding) continue;
    nameBinding(binding, name);
    instrumentClassOf(binding);
  }
}

/** Instruments the class of a binding, and those that it inherits from. */
export function instrumentClassOf(binding: object): void {
  // Of the prototype: an RPC stub answers to every property's name, and each answer is a call.
  const prototype = Object.getPrototypeOf(binding) as object | null;
  if (!prototype || prototype === Object.prototype) return;
  const { name } = prototype.constructor;
  const methods = Object.hasOwn(CLASSES, name) && CLASSES[name];
  if (methods) replaceMethods(binding, methods);
  instrumentClassOf(prototype);
}
