/**
 * Middy's `request`, as it is told what becomes of it. Middy leaves out `after` and `onError` of
 * some middlewares where another one answers early or throws; but it sets members of the request
 * each time, and those are seen here.
 */
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { activeFrame, enterFrame } from "../../../trace/active.js";
import type { Frame } from "../../../trace/scope.js";

/** The part of it that is used here. */
export interface MiddyRequest {
  event: unknown;
  context: unknown;
  response: unknown;
  error: unknown;
}

type Mortal = { -readonly [Key in keyof Frame]: Frame[Key] };

/** How long `onError` of others may take, after which one of them must have thrown what is not seen. */
const ON_ERROR_MS = 2_000;

/**
 * Makes the frame active for what Middy goes on to do, and calls `onEnd` once, when the request is
 * done. Answers what says that it is.
 */
export function watch(
  request: MiddyRequest,
  around: Frame | undefined,
  onEnd: (failed: boolean) => void,
): () => void {
  // What calls Middy may go on in it, and to the next invocation, so that it dies with this one.
  const frame: Mortal = { context: ROOT_CONTEXT, scope: undefined, ...around };
  let { event, response, error } = request;
  let hasFailed = false;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  function end(): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    Object.assign(frame, { context: ROOT_CONTEXT, scope: undefined });
    onEnd(hasFailed && response === undefined);
  }

  /** Where others ran before, Middy 6 has forgotten the frame when it reads the event for the handler. */
  function enter(): void {
    if (frame.scope && activeFrame()?.scope !== frame.scope) enterFrame(frame);
  }

  const member = (get: () => unknown, set: (value: unknown) => void): PropertyDescriptor => ({
    configurable: true,
    enumerable: true,
    get,
    set,
  });
  Object.defineProperties(request, {
    event: member(
      () => {
        enter();
        return event;
      },
      (value) => (event = value),
    ),
    response: member(
      () => response,
      (value) => {
        response = value;
        if ("earlyResponse" in request && value === request.earlyResponse) end();
      },
    ),
    error: member(
      () => error,
      (value) => {
        // What is thrown by `onError` replaces the first error, and names it.
        const isLast =
          hasFailed &&
          (value === error || (value as { originalError?: unknown })?.originalError === error);
        hasFailed = true;
        error = value;
        if (isLast) end();
        else timer ??= setTimeout(end, ON_ERROR_MS).unref();
      },
    ),
  });
  enter();
  return end;
}
