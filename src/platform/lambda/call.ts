/**
 * One call of a handler, which may answer in three ways: by what it returns, by its callback, or
 * by `done`, `succeed` and `fail` of its context. The last two are of Node 22 and older.
 */
import { quietly } from "../../trace/quietly.js";
import { isThenable } from "../../trace/settle.js";
import type { LambdaContext } from "./context.js";

export type Callback = (error?: unknown, result?: unknown) => void;
export type Handler = (
  this: unknown,
  event: unknown,
  context: LambdaContext,
  done?: Callback,
) => unknown;

export interface Call {
  run(): Promise<unknown>;
  /** Whether the handler, once run, answers the runtime client otherwise than by what it returned. */
  awaitsAnswer(): boolean;
  /** Answers as the handler did, when its spans have left. */
  readonly answer: Callback;
  /**
   * From now on the runtime client answers. Node 22's does so by `succeed` and `fail` as it finds
   * them on the context when the handler has returned a promise.
   */
  readonly handOver: () => void;
}

export function callOf(
  receiver: unknown,
  handler: Handler,
  event: unknown,
  context: LambdaContext,
  rest: readonly unknown[],
): Call {
  let awaitsAnswer = false;
  let isOver = false;
  let answer: Callback | undefined;
  const [third] = rest;
  // Middy gives its handler `{ signal }` there, and a runtime client that streams its context.
  const callback = typeof third === "function" ? (third as Callback) : undefined;
  const takesCallback = callback ?? (third === undefined && handler.length > 2);
  const run = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      // The first way counts; under Node 24 there is none to hand the answer on.
      const settle: Settle = (by, error, result) => {
        if (isOver) return by?.(error, result);
        answer ??= by;
        if (error == null) resolve(result);
        else reject(error);
      };
      const done: Callback = (error, result) => settle(callback, error, result);
      if (callback) interceptMethods(context, settle);
      const args = [event, context, ...(takesCallback ? [done] : rest)];
      const returned: unknown = Reflect.apply(handler, receiver, args);
      // Not resolve(returned): a promise that never settles may be answered by the context.
      if (isThenable(returned)) returned.then(resolve, reject);
      else if (takesCallback) awaitsAnswer = !!callback;
      else resolve(returned);
    });
  return {
    run,
    awaitsAnswer: () => awaitsAnswer,
    answer(error, result) {
      try {
        // What threw before it answered has the runtime client's own callback.
        (answer ?? callback)?.(error, result);
      } catch (thrown) {
        // As the runtime client does when a handler throws, here because a result is no JSON.
        callback?.(thrown);
      }
    },
    handOver: () => void (isOver = true),
  };
}

type Settle = (by: Callback | undefined, error: unknown, result: unknown) => void;

type Told = (...args: unknown[]) => [error?: unknown, result?: unknown];

/** As the runtime client has it, an error that is none is told as `handled`. */
const METHODS: Readonly<Record<string, Told>> = {
  done: (error, result) => [error, result],
  succeed: (result) => [null, result],
  fail: (error) => [error ?? "handled"],
};

/** Lets the methods of a context that answer wait for the flush; what they do then stays theirs. */
function interceptMethods(context: LambdaContext, settle: Settle): void {
  const methods = context as unknown as Record<string, unknown>;
  quietly(() => {
    for (const name in METHODS) {
      const original = methods[name];
      if (typeof original !== "function") continue;
      methods[name] = (...args: unknown[]) => {
        const [error, result] = METHODS[name]?.(...args) ?? [];
        settle(() => void Reflect.apply(original, context, args), error, result);
      };
    }
  });
}
