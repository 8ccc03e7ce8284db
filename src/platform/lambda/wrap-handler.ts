/** `wrapHandler()`: a Lambda handler as a traced invocation. */
import { ConfigError } from "../../config/error.js";
import { type Callback, type Handler, callOf } from "./call.js";
import { invocationOf } from "./invocation.js";
import { type LambdaOptions, type Traced, setUpLambda } from "./set-up.js";
import { STREAMING, type StreamingHandler, tracedStreaming } from "./streaming.js";

type AnyHandler = (...args: never[]) => unknown;

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
export function wrapHandler<H extends AnyHandler>(handler: H, options?: LambdaOptions): H {
  if (typeof handler !== "function")
    throw new ConfigError(
      "edgespan: wrapHandler(handler) needs the function that Lambda would call",
    );
  const all = setUpLambda(options);
  if (!all) return handler;
  const wrapper =
    STREAMING in handler
      ? tracedStreaming(all, handler as unknown as StreamingHandler)
      : traced(all, handler as unknown as Handler);
  return likeOriginal(handler, wrapper) as unknown as H;
}

/** The traced handler; it declares two parameters, as Node 24's runtime client demands. */
function traced({ runtime, lives, policy }: Traced, handler: Handler): Handler {
  return function (this: unknown, event, context, ...rest: [Callback?]) {
    const [callback] = rest;
    const call = callOf(this, handler, event, context, callback);
    const life = lives.begin(context, () => !callback || !call.awaitsAnswer());
    const invocation = { ...invocationOf(event, context, policy), after: life };
    const outcome = runtime.invoke(invocation, () => life.watch(call.run(), invocation.trigger));
    if (!callback || !call.awaitsAnswer()) {
      outcome.then(call.handOver, call.handOver);
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
