/** `wrapHandler()`: a Lambda handler as a traced invocation. */
import { variablesOf } from "../../config/environment.js";
import { ConfigError } from "../../config/error.js";
import type { Options } from "../../config/options.js";
import { flushBeforeResponse } from "../../flush/before-response.js";
import { instrumentFetch } from "../../instrument/fetch.js";
import type { Invocation, Runtime } from "../../runtime.js";
import { setUp } from "../../setup.js";
import { quietly } from "../../trace/quietly.js";
import { registerApi } from "../../trace/register.js";
import { isThenable } from "../../trace/settle.js";
import { type LambdaContext, afterHandler, contextAttributes } from "./context.js";
import { OUTLETS } from "./outlets.js";
import { lambdaResource } from "./resource.js";
import { triggerOf } from "./triggers.js";

type AnyHandler = (...args: never[]) => unknown;
type Callback = (error?: unknown, result?: unknown) => void;
type Handler = (this: unknown, event: unknown, context: LambdaContext, done?: Callback) => unknown;
type Environment = Record<string, string | undefined>;

/** How the runtime client recognises a handler that streams its response. */
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");

/**
 * Wraps a Lambda handler: each invocation becomes a trace, or continues its caller's.
 *
 * Async and callback handlers answer exactly as before; a callback handler also runs
 * under runtimes that no longer give a callback. Spans are sent before the response,
 * within the time that the invocation has left. A streaming handler passes through
 * untouched.
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
  if (STREAMING in handler) return handler;
  const env: Environment = process.env;
  const runtime = setUp({
    options,
    env,
    read: variablesOf(env),
    platform: () => ({
      resource: lambdaResource(env),
      outlets: OUTLETS,
      createFlush: flushBeforeResponse,
    }),
    deployed: Boolean(env.AWS_LAMBDA_FUNCTION_NAME) && env.AWS_SAM_LOCAL !== "true",
  });
  if (!runtime) return handler;
  registerApi();
  instrumentFetch();
  return likeOriginal(handler, traced(runtime, handler as unknown as Handler)) as unknown as H;
}

/** The traced handler; it declares two parameters, as Node 24's runtime client demands. */
function traced(runtime: Runtime, handler: Handler): Handler {
  return function (this: unknown, event, context, ...rest: [Callback?]) {
    const [callback] = rest;
    const call = callOf(this, handler, event, context, callback);
    const outcome = runtime.invoke(invocationOf(event, context), () => call.run());
    if (!callback || !call.awaitsCallback()) return outcome;
    // The runtime client must see that nothing was returned: it then waits for the
    // callback, and after it for the event loop to become empty.
    outcome.then(
      (result) => callback(null, result),
      (error: unknown) => callback(error),
    );
    return undefined;
  };
}

function invocationOf(event: unknown, context: LambdaContext): Invocation<unknown> {
  return {
    trigger: triggerOf(event),
    event,
    attributes: quietly(() => contextAttributes(context)) ?? {},
    after: afterHandler(context),
  };
}

interface Call {
  run(): Promise<unknown>;
  /** Whether the handler, once run, answers by its callback and not by a promise. */
  awaitsCallback(): boolean;
}

function callOf(
  receiver: unknown,
  handler: Handler,
  event: unknown,
  context: LambdaContext,
  callback: Callback | undefined,
): Call {
  let awaitsCallback = false;
  const takesCallback = callback !== undefined || handler.length > 2;
  const run = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const done: Callback = (error, result) => (error == null ? resolve(result) : reject(error));
      const args = takesCallback ? [event, context, done] : [event, context];
      const returned: unknown = Reflect.apply(handler, receiver, args);
      awaitsCallback = takesCallback && !isThenable(returned);
      if (!awaitsCallback) resolve(returned);
    });
  return { run, awaitsCallback: () => awaitsCallback };
}

/** Gives the wrapper the original's name and own properties, e.g. a middleware engine's methods. */
function likeOriginal(original: AnyHandler, wrapper: Handler): Handler {
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(original);
  const { length: _, prototype: __, ...own } = descriptors;
  return Object.defineProperties(wrapper, own);
}
