/** Sets a function up: what its invocations share, whichever way they are traced. */
import { variablesOf } from "../../config/environment.js";
import type { FlushOptions, Options } from "../../config/options.js";
import type { Flush } from "../../flush/flush.js";
import { flushWithResponse } from "../../flush/with-response.js";
import { instrumentFetch } from "../../instrument/fetch.js";
import type { Runtime } from "../../runtime.js";
import { setUp } from "../../setup.js";
import { registerApi } from "../../trace/register.js";
import { type Lives, createLives } from "./life.js";
import { OUTLETS } from "./outlets.js";
import { type ParentPolicy, parentPolicy } from "./parent.js";
import { lambdaResource } from "./resource.js";

type Environment = Record<string, string | undefined>;

/** Options, or a function of `process.env` that returns them. */
export type LambdaOptions = Options | ((env: Environment) => Options);

export interface Traced {
  readonly runtime: Runtime;
  readonly lives: Lives;
  readonly policy: ParentPolicy;
}

/**
 * Nothing where tracing is disabled.
 * @throws ConfigError on wrong configuration outside of production
 */
export function setUpLambda(options: LambdaOptions | undefined): Traced | undefined {
  const env: Environment = process.env;
  // Where there is a runtime, its platform was asked for.
  let policy!: ParentPolicy;
  let flush!: Flush;
  let flushOptions!: FlushOptions;
  const runtime = setUp({
    options,
    env,
    read: variablesOf(env),
    platform(config, resolved) {
      policy = parentPolicy(config, resolved);
      flushOptions = { ...resolved.flush, ...config.flush };
      return {
        resource: lambdaResource(env),
        outlets: OUTLETS,
        createFlush: (all) => (flush = flushWithResponse(all)),
      };
    },
    deployed: Boolean(env.AWS_LAMBDA_FUNCTION_NAME) && env.AWS_SAM_LOCAL !== "true",
  });
  if (!runtime) return undefined;
  registerApi();
  instrumentFetch();
  const lives = createLives(env, flushOptions, async (budgetMs) => flush.drain?.(budgetMs));
  return { runtime, lives, policy };
}
