/** `instrument()`: the fetch handler of a Worker as a traced invocation. */
import { variablesOf } from "../../config/environment.js";
import { ConfigError } from "../../config/error.js";
import type { Options } from "../../config/options.js";
import { instrumentFetch } from "../../instrument/fetch.js";
import type { Runtime } from "../../runtime.js";
import { viaFetch } from "../../send/via-fetch.js";
import { setUp } from "../../setup.js";
import { registerApi } from "../../trace/register.js";
import { type WaitsUntil, afterResponse } from "./after-response.js";
import { fetchTrigger } from "./fetch-trigger.js";
import { workerResource } from "./resource.js";

/** The `env` that a handler's `fetch` takes. */
export type EnvOf<Handler> = Handler extends { fetch?: (...args: infer Args) => unknown }
  ? Args extends [unknown, infer Env, ...unknown[]]
    ? Env
    : unknown
  : unknown;

type AnyFunction = (...args: unknown[]) => unknown;
type FetchHandler = { fetch?: AnyFunction };

/**
 * Instruments a Worker's handler: each request becomes a trace, or continues its caller's.
 *
 * The returned object answers exactly as `handler` does and is what the Worker exports.
 * Spans are exported after the response, under `ctx.waitUntil`. Handlers other than
 * `fetch` pass through untouched.
 *
 * @param handler an `ExportedHandler`, a Hono app, or any object with `fetch`
 * @param options options, or a function of `env` that returns them; default all from `OTEL_*` variables in `env`
 * @throws ConfigError at the first request, where wrong configuration is met outside of production
 */
export function instrument<Handler extends object>(
  handler: Handler,
  options?: Options | ((env: EnvOf<Handler>) => Options),
): Handler {
  const { fetch } = handler as FetchHandler;
  if (typeof handler !== "object" || typeof fetch !== "function")
    throw new ConfigError(
      "edgespan: instrument(handler) needs an object with a fetch method, e.g. { async fetch(request, env, ctx) { … } }",
    );
  registerApi();
  instrumentFetch();
  const runtimeOf = lazily((env) =>
    setUp({
      options,
      env: env as EnvOf<Handler>,
      read: variablesOf(env, processEnvironment()),
      platform: () => ({ resource: workerResource(env), transport: viaFetch }),
      deployed: isDeployed(),
    }),
  );
  return delegate(handler, (...args) => {
    const [request, env, ctx] = args as [Request, unknown, WaitsUntil | undefined];
    const call = (): unknown => Reflect.apply(fetch, handler, args);
    const runtime = runtimeOf(env);
    if (!runtime) return call();
    const invocation = { trigger: fetchTrigger, event: request, after: afterResponse(ctx) };
    return runtime.invoke(invocation, call);
  });
}

/** Creates the runtime at the first request: only then is there an `env`, and a clock that runs. */
function lazily(
  create: (env: unknown) => Runtime | undefined,
): (env: unknown) => Runtime | undefined {
  let created: { runtime: Runtime | undefined } | undefined;
  return (env) => {
    created ??= { runtime: create(env) };
    return created.runtime;
  };
}

/** Everything else that the platform may call on a handler. */
const OTHER_KINDS = ["scheduled", "queue", "email", "tail", "tailStream", "trace", "test"] as const;

/**
 * An object that inherits all of `handler` and answers `fetch` by `traced`. The methods
 * that the platform calls keep their receiver, so that private fields work in them.
 */
function delegate<Handler extends object>(handler: Handler, traced: AnyFunction): Handler {
  const methods: PropertyDescriptorMap = { fetch: { value: traced, enumerable: true } };
  for (const kind of OTHER_KINDS) {
    const method = (handler as Record<string, unknown>)[kind];
    if (typeof method !== "function") continue;
    const value = (...args: unknown[]): unknown => Reflect.apply(method, handler, args);
    methods[kind] = { value, enumerable: true };
  }
  return Object.create(handler, methods) as Handler;
}

/**
 * wrangler replaces `process.env.NODE_ENV`, and Vite's test pools set `MODE` instead; where
 * nothing is known, users are served.
 */
function isDeployed(): boolean {
  try {
    const stage = process.env.NODE_ENV ?? process.env.MODE;
    return stage !== "development" && stage !== "test";
  } catch {
    return true;
  }
}

function processEnvironment(): unknown {
  return (globalThis as { process?: { env?: unknown } }).process?.env;
}
