/** `tracing()`: an invocation that Middy runs as a traced one, by a middleware. */
import { activeFrame } from "../../../trace/active.js";
import { quietly } from "../../../trace/quietly.js";
import type { LambdaContext } from "../context.js";
import { invocationOf } from "../invocation.js";
import { type LambdaOptions, type Traced, setUpLambda } from "../set-up.js";
import { type MiddyRequest, watch } from "./request.js";

export type { MiddyRequest };

/** What `.use()` takes. */
export interface MiddyMiddleware {
  before(request: MiddyRequest): void;
  after(request: MiddyRequest): Promise<void>;
  onError(request: MiddyRequest): Promise<void>;
}

/**
 * Middleware for Middy 6 and later that does for an invocation what `wrapHandler()` does. Use it
 * first, so that it hears of the others' answers and errors last; what runs before it is not traced.
 *
 * The span also ends where another middleware answers early or its `onError` throws, although
 * Middy then leaves out the rest. Spans are sent after the response; only where Lambda does not
 * allow that and the answer was early, they may wait for the next invocation. Of a handler that
 * streams (`streamifyResponse`) the span ends where its response begins; `wrapHandler()` around
 * Middy sees it to its end.
 *
 * @param options as `wrapHandler()` takes them
 * @throws ConfigError on wrong configuration outside of production
 *
 * @example
 * ```ts
 * export const handler = middy().use(tracing()).use(httpErrorHandler()).handler(work);
 * ```
 */
export function tracing(options?: LambdaOptions): MiddyMiddleware {
  const all = setUpLambda(options);
  const ends = new WeakMap<MiddyRequest, () => Promise<void>>();
  const end = async (request: MiddyRequest): Promise<void> => ends.get(request)?.();
  return {
    before(request) {
      if (all) quietly(() => ends.set(request, begin(all, request)));
    },
    after: end,
    onError: end,
  };
}

/** Begins an invocation; answers what ends it, and resolves when the response may leave. */
function begin({ runtime, lives, policy }: Traced, request: MiddyRequest): () => Promise<void> {
  const { event } = request;
  const context = request.context as LambdaContext;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const life = lives.begin(context, () => true);
  const invocation = invocationOf(event, context, policy, life);
  let frame = activeFrame();
  const outcome = runtime.invoke(invocation, () => {
    frame = activeFrame();
    return life.watch(promise, invocation.trigger);
  });
  const over = Promise.allSettled([outcome]).then(() => undefined);
  const ended = watch(request, frame, (failed) =>
    failed ? reject(request.error) : resolve(request.response),
  );
  return () => {
    ended();
    return over;
  };
}
