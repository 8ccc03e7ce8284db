/** `wrapHandler()`: a Lambda handler as a traced invocation. */
import { ConfigError } from "../../config/error.js";
import { type Handler, callOf } from "./call.js";
import { activeFrame } from "../../trace/active.js";
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
  const buffered = traced(all, handler as unknown as Handler);
  const streaming = tracedStreaming(all, handler as unknown as StreamingHandler);
  // It declares no parameter: Node 24's runtime client refuses more than two.
  const wrapper: AnyHandler = function (this: unknown, ...args) {
    // `streamifyResponse` may mark what was wrapped, too.
    const run: AnyHandler = STREAMING in wrapper ? streaming : buffered;
    // What is called inside of an invocation is a part of it.
    return Reflect.apply(activeFrame()?.scope?.root ? handler : run, this, args);
  };
  return likeOriginal(handler, wrapper) as unknown as H;
}

/** A handler that answers at once, by whichever way. */
function traced({ runtime, lives, policy }: Traced, handler: Handler): Handler {
  return function (this: unknown, event, context, ...rest) {
    const call = callOf(this, handler, event, context, rest);
    const life = lives.begin(context, () => !call.awaitsAnswer());
    const invocation = invocationOf(event, context, policy, life);
    const outcome = runtime.invoke(invocation, () => life.watch(call.run(), invocation.trigger));
    if (!call.awaitsAnswer()) {
      outcome.then(call.handOver, call.handOver);
      return outcome;
    }
    // The runtime client must see that nothing was returned: it then waits for the
    // callback, and after it for the event loop to become empty.
    outcome.then((result) => call.answer(null, result), call.answer);
    return undefined;
  };
}

/**
 * Gives the wrapper the original's name and own properties, e.g. a middleware engine's methods, and
 * its prototype: where that is of an async function, Node 22's runtime client fails an invocation
 * that leaves nothing to wait for and no answer, and else answers `null`.
 */
function likeOriginal(original: AnyHandler, wrapper: AnyHandler): AnyHandler {
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(original);
  const { length: _, prototype: __, ...own } = descriptors;
  Object.defineProperties(wrapper, own);
  return Object.setPrototypeOf(wrapper, Object.getPrototypeOf(original) as object) as AnyHandler;
}
