/** What things are: identity, classes, names, properties and their order. */
import { DurableObject, WorkerEntrypoint, env as imported, exports } from "cloudflare:workers";
import type { Given } from "./env.ts";
import { everyWay, kind, looks } from "./methods.ts";
import { type Attempts, className } from "./shown.ts";

/** Taken when the module is loaded, before anything was invoked. */
const earlyFetch: typeof fetch = globalThis.fetch;
const earlyGet = (imported as unknown as { KV?: KVNamespace }).KV?.get;
const earlyNames = Object.keys(globalThis);

/** The local host of Hyperdrive, which is another each time. */
const LOCAL = /\w+(?=\.hyperdrive)|240\.0\.\d+\.\d+/g;

export function environment({ env }: Given): Attempts {
  const bindings = Object.entries(env) as [string, object | string][];
  const held = bindings.filter((entry): entry is [string, object] => typeof entry[1] === "object");
  return {
    "env is the imported one": () => [
      (env as unknown) === imported,
      ...held.map(
        ([name, binding]) => (imported as unknown as Record<string, object>)[name] === binding,
      ),
    ],
    "env's names": () => [
      Object.keys(env),
      Object.getOwnPropertyNames(env),
      Reflect.ownKeys(env).map(String),
    ],
    "env's own": () => [
      "KV" in env,
      "NONE" in env,
      Object.hasOwn(env, "KV"),
      Object.isFrozen(env),
      Object.isExtensible(env),
    ],
    "env as JSON": () => JSON.stringify(env).replaceAll(LOCAL, ""),
    "env as text": () => [
      Reflect.apply(Object.prototype.toString, env, []),
      Object.prototype.toString.call(env),
      className(env),
    ],
    "env spread": () =>
      Object.entries({ ...env }).map(([name, one]) => [name, one === (env as never)[name]]),
    "env in a loop": () => {
      const names: string[] = [];
      for (const name in env) names.push(name);
      return names;
    },
    "env cloned": () => structuredClone(env),
    "env written to": () => {
      const own = env as unknown as Record<string, unknown>;
      own["EXTRA"] = 1;
      const added = [own["EXTRA"], (imported as unknown as typeof own)["EXTRA"]];
      return [...added, delete own["EXTRA"]];
    },
    "process.env": () => Object.keys(process.env).filter((name) => name in env),
    ...Object.fromEntries(
      held.flatMap(([name, binding]) => [
        [`${name}'s class`, () => classOf(binding)],
        [`${name} as JSON`, () => JSON.stringify(binding)?.replaceAll(LOCAL, "")],
        [`${name} cloned`, () => structuredClone(binding)],
        [
          `${name}'s names`,
          () => [Object.keys(binding), Object.getOwnPropertySymbols(binding).map(String)],
        ],
        [
          `${name}'s prototype's names`,
          () => Object.getOwnPropertyNames(Object.getPrototypeOf(binding)).toSorted(),
        ],
        [
          `${name} in a loop`,
          () => {
            const names: string[] = [];
            for (const key in binding) names.push(key);
            return names;
          },
        ],
      ]),
    ),
  };
}

function classOf(value: object): unknown {
  const names: string[] = [];
  for (let at: object | null = value; at; at = Object.getPrototypeOf(at) as object | null)
    names.push(className(at));
  return [names, Object.prototype.toString.call(value), Object.isExtensible(value)];
}

export function context({ env, ctx, self }: Given): Attempts {
  const { waitUntil } = ctx as { waitUntil?: unknown };
  const more = ctx as unknown as Record<string, unknown>;
  return {
    "ctx's class": () => classOf(ctx),
    "ctx's names": () => [
      Object.keys(ctx),
      Reflect.ownKeys(Object.getPrototypeOf(ctx) as object).map(String),
    ],
    "ctx is its own": () => [
      ctx === (self as { ctx?: unknown }).ctx,
      env === (self as { env?: unknown }).env,
      waitUntil === ctx.waitUntil,
    ],
    "ctx.props": () => [more["props"], more["props"] === more["props"]],
    "ctx.exports": () => [
      Object.keys(exports),
      more["exports"] === exports,
      typeof more["exports"],
    ],
    "ctx cloned": () => structuredClone(ctx),
    "ctx as JSON": () => JSON.stringify(ctx),
    "ctx written to": () => {
      more["extra"] = 1;
      return [more["extra"], delete more["extra"]];
    },
    "ctx.abort": () => typeof more["abort"],
    ...everyWay("ctx.waitUntil", ctx, "waitUntil", () => [Promise.resolve()]),
    ...everyWay("ctx.passThroughOnException", ctx, "passThroughOnException", () => []),
  };
}

export function globals({ env, self, depth }: Given): Attempts {
  const url = `${env.ECHO}/text`;
  return {
    ...everyWay("fetch", globalThis, "fetch", () => [url]),
    "fetch taken early": async () => [
      (await earlyFetch(url)).status,
      earlyFetch.name,
      earlyFetch.length,
    ],
    "get taken early": () => Reflect.apply(earlyGet as never, env.KV, ["key"]),
    "globalThis's names": () => [Object.keys(globalThis), earlyNames],
    "globalThis's own names": () => Object.getOwnPropertyNames(globalThis),
    "globalThis's symbols": () =>
      Reflect.ownKeys(globalThis).flatMap((key) => (typeof key === "symbol" ? [String(key)] : [])),
    "fetch's text": () => String(fetch),
    "a method's text": () => String(env.KV.get),
    "fetch is writable": async () => {
      const { fetch: kept } = globalThis;
      globalThis.fetch = async () => new Response("replaced");
      const replaced = await (await fetch(url)).text();
      globalThis.fetch = kept;
      return [replaced, fetch === kept];
    },
    "a binding's method is writable": async () => {
      const prototype = Object.getPrototypeOf(env.KV) as KVNamespace;
      const { get } = prototype;
      prototype.get = (async () => "replaced") as never;
      const replaced = await env.KV.get("key");
      prototype.get = get;
      return [replaced, env.KV.get === get];
    },
    "the classes of the platform": () =>
      [DurableObject, WorkerEntrypoint].map((one) => [one.name, one.length]),
    "handler's names": () => [Object.keys(self), Reflect.ownKeys(self).map(String), classOf(self)],
    "handler.fetch kind": () => kind((self as { fetch: object }).fetch),
    "an error's stack": () => depth,
    "handler's text": () => String((self as { fetch: unknown }).fetch),
    ...Object.fromEntries(
      ["fetch", "scheduled", "queue", "email", "tail", "none"].map((name) => [
        `handler.${name} looks`,
        () => (name in self ? looks(self, name) : "nothing"),
      ]),
    ),
  };
}
