/** The runtime of one instrumented handler or class. */
import { variablesOf } from "../../config/environment.js";
import type { Options } from "../../config/options.js";
import { flushAfterResponse } from "../../flush/after-response.js";
import { instrumentFetch } from "../../instrument/fetch.js";
import type { Runtime } from "../../runtime.js";
import { setUp } from "../../setup.js";
import { quietly } from "../../trace/quietly.js";
import { registerApi } from "../../trace/register.js";
import type { WaitsUntil } from "./after-response.js";
import {
  type HasExports,
  addBindings,
  instrumentBindings,
} from "./bindings/instrument-bindings.js";
import { OUTLETS } from "./outlets.js";
import { workerResource } from "./resource.js";
import { trackWaitUntil } from "./wait-until.js";

export type WorkerOptions<Env> = Options | ((env: Env) => Options);

/** Answers the runtime for an invocation; nothing where tracing is off. */
export type RuntimeFor<Env> = (env: Env, ctx: WaitsUntil | undefined) => Runtime | undefined;

export function createRuntimes<Env>(options: WorkerOptions<Env> | undefined): RuntimeFor<Env> {
  registerApi();
  // workerd's is inherited: on its own, `globalThis` would have a property more.
  instrumentFetch(
    Object.hasOwn(globalThis, "fetch")
      ? globalThis
      : (Object.getPrototypeOf(globalThis) as typeof globalThis),
  );
  const create = (env: Env, stage = stageOf()): Runtime | undefined =>
    setUp({
      options,
      env,
      read: variablesOf(env, (globalThis as { process?: { env?: unknown } }).process?.env),
      platform({ bindings }) {
        addBindings(bindings);
        return {
          resource: workerResource(env),
          outlets: OUTLETS,
          // A test that awaits its context would wait for all attempts.
          createFlush: (all) => flushAfterResponse(all, stage !== "test"),
        };
      },
      deployed: stage !== "development" && stage !== "test",
    });
  // Created at the first invocation: only then is there an env, and a clock that runs.
  let created: { runtime: Runtime | undefined } | undefined;
  return (env, ctx) => {
    created ??= { runtime: create(env) };
    if (created.runtime)
      quietly(() => {
        trackWaitUntil(ctx);
        instrumentBindings(env as object, ctx as HasExports | undefined);
      });
    return created.runtime;
  };
}

/**
 * `development` or `test`, and nothing where users are served. wrangler replaces
 * `process.env.NODE_ENV` by what it is, so that a bundle ends at the first line; Vite's test pools
 * set `MODE` instead.
 */
function stageOf(): string | undefined {
  try {
    if (process.env.NODE_ENV === "production") return undefined;
    return process.env.NODE_ENV ?? process.env.MODE;
  } catch {
    return undefined;
  }
}
