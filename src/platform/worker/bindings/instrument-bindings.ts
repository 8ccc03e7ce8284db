/** Finds the bindings in an `env` and instruments their classes, each once per isolate. */
import type { BindingClasses } from "../../../config/instrument-options.js";
import { type Replacement, replaceMethods } from "../replace-methods.js";
import { CACHE } from "./cache.js";
import { D1 } from "./d1.js";
import { DURABLE_OBJECT_NAMESPACE, FETCHER } from "./fetcher.js";
import { KV } from "./kv.js";
import { QUEUE } from "./queue.js";
import { R2_BUCKET } from "./r2.js";
import { nameBinding } from "./traced.js";

/** The classes, by the names that workerd has for them. What is not among them is left alone. */
const CLASSES: Record<string, Readonly<Record<string, Replacement>>> = {
  Cache: CACHE,
  D1Database: D1,
  DurableObjectNamespace: DURABLE_OBJECT_NAMESPACE,
  Fetcher: FETCHER,
  // The same class, where `ctx.exports` has the first of it.
  ServiceStub: FETCHER,
  KvNamespace: KV,
  R2Bucket: R2_BUCKET,
  WorkerQueue: QUEUE,
};

let seen = new WeakSet();

/** Adds classes that only some Workers need, which those import; an `env` is looked through anew. */
export function addBindings(tables: readonly BindingClasses[]): void {
  for (const table of tables) {
    Object.assign(CLASSES, table);
    seen = new WeakSet();
  }
}

/** The part of a context that has bindings, where the platform is new enough. */
export interface HasExports {
  readonly exports?: object;
}

/** Looks through an `env` that was not seen before, and the bindings to the Worker's own exports. */
export function instrumentBindings(env: object, ctx: HasExports | undefined): void {
  if (seen.has(env)) return;
  seen.add(env);
  for (const bindings of [env, ctx?.exports])
    for (const name in bindings) {
      const binding = (bindings as Record<string, object>)[name] as object;
      // One to an export can be called, and is a function therefore.
      if (Object(binding) !== binding) continue;
      nameBinding(binding, name);
      instrumentClassOf(binding);
    }
  // No bindings, but classes of the platform's as well: every cache is of the default one's.
  const { caches, WebSocket } = globalThis as {
    caches?: { default?: object };
    WebSocket?: { prototype: object };
  };
  if (caches?.default) instrumentClassOf(caches.default);
  if (WebSocket) instrumentClassOf(Object.create(WebSocket.prototype) as object);
}

/** Instruments the class of a binding, and those that it inherits from. */
export function instrumentClassOf(binding: object): void {
  // Of the prototype: an RPC stub answers to every property's name, and each answer is a call.
  const prototype = Object.getPrototypeOf(binding) as object | null;
  if (!prototype) return;
  replaceMethods(binding, CLASSES[prototype.constructor.name]);
  instrumentClassOf(prototype);
}
