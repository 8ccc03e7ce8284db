/** `wrapHandler()`: a Lambda handler as a traced invocation. */
import { variablesOf } from "../../config/environment.js";
import { ConfigError } from "../../config/error.js";
import type { FlushOptions, Options } from "../../config/options.js";
import type { Flush } from "../../flush/flush.js";
import { flushWithResponse } from "../../flush/with-response.js";
import { instrumentFetch } from "../../instrument/fetch.js";
import type { Runtime } from "../../runtime.js";
import { setUp } from "../../setup.js";
import { registerApi } from "../../trace/register.js";
import { type Callback, type Handler, callOf } from "./call.js";
import { invocationOf } from "./invocation.js";
import { type Lives, createLives } from "./life.js";
import { OUTLETS } from "./outlets.js";
import { type ParentPolicy, parentPolicy } from "./parent.js";
import { lambdaResource } from "./resource.js";
import { STREAMING, type StreamingHandler, tracedStreaming } from "./streaming.js";

type AnyHandler = (...args: never[]) => unknown;
type Environment = Record<string, string | undefined>;

/**
 * Wraps a Lambda handler: each invocation becomes a trace, or continues its caller's.
 *
 * Async and callback handlers answer exactly as before; a callback handler also runs
 * under runtimes that no longer give a callback. Spans are sent after the response where
 * Lambda allows it, else before, within the time that the invocation has left. A handler that
 * streams its response (`awslambda.streamifyResponse`) is given the stream that Lambda gave.
 *
 * @param handler the function that Lambda would call
 * @param options options, or a function of `process.env` that returns them; default all from `OTEL_*`
 * @throws ConfigError where `handler` is no function, and on wrong configuration outside of production
 */
export function wrapHandler<H extends AnyHandler>(
  handler: H,
  options?: Options | ((env: Environment) => Options),
): H {
  if (typeof handler !== "function")
    throw new ConfigError(
      "edgespan: wrapHandler(handler) needs the function that Lambda would call",
    );
  const env: Environment = process.env;
  let policy: ParentPolicy = { xray: false, stepFunctions: false };
  let flush: Flush | undefined;
  let flushOptions: FlushOptions = {};
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
  if (!runtime) return handler;
  registerApi();
  instrumentFetch();
  const lives = createLives(env, flushOptions, async (budgetMs) => flush?.drain?.(budgetMs));
  const wrapper =
    STREAMING in handler
      ? tracedStreaming(runtime, lives, policy, handler as unknown as StreamingHandler)
      : traced(runtime, lives, policy, handler as unknown as Handler);
  return likeOriginal(handler, wrapper) as unknown as H;
}

/** The traced handler; it declares two parameters, as Node 24's runtime client demands. */
function traced(runtime: Runtime, lives: Lives, policy: ParentPolicy, handler: Handler): Handler {
  return function (this: unknown, event, context, ...rest: [Callback?]) {
    const [callback] = rest;
    const call = callOf(this, handler, event, context, callback);
    const life = lives.begin(context, () => !callback || !call.awaitsAnswer());
    const invocation = { ...invocationOf(event, context, policy), after: life };
    const outcome = runtime.invoke(invocation, () => life.watch(call.run(), invocation.trigger));
    if (!callback || !call.awaitsAnswer()) {
      outcome.then(life.release, life.release);
      return outcome;
    }
    life.release();
    // The runtime client must see that nothing was returned: it then waits for the
    // callback, and after it for the event loop to become empty.
    outcome.then(
      (result) => call.answer(null, result),
      (error: unknown) => call.answer(error),
    );
    return undefined;
  };
}

/** Gives the wrapper the original's name and own properties, e.g. a middleware engine's methods. */
function likeOriginal(original: AnyHandler, wrapper: AnyHandler): AnyHandler {
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(original);
  const { length: _, prototype: __, ...own } = descriptors;
  return Object.defineProperties(wrapper, own);
}
