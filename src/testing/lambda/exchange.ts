import type { Invocation } from "./invocation.js";
import type { Interruption, LambdaError, Result } from "./outcome.js";

/**
 * Where the two sides of the Runtime API meet: the runtime polls and reports, the sandbox's owner
 * hands out an event and waits for its result. It owns which event is out, and no I/O.
 *
 * The moment between `next` being called and `handOut` is when Lambda may freeze a sandbox.
 */
export interface Exchange {
  /** Resolves once the runtime polls for work, or reports that it cannot start. */
  ready(): Promise<Interruption | { readonly status: "ready" }>;
  /** Gives the polling runtime an event, and resolves with what it reports on it. */
  handOut(invocation: Invocation): Promise<Result>;

  /** The runtime asks for its next event. */
  next(): Promise<Invocation>;
  /** The runtime reports on an event; false when that event is not the one that is out. */
  report(requestId: string, result: Result): boolean;
  /** The runtime could not load the function. */
  failInit(error: LambdaError): void;
}

interface Out {
  readonly requestId: string;
  readonly settle: (result: Result) => void;
}

/** Creates the meeting place of one sandbox. */
export function createExchange(): Exchange {
  type Readiness = Awaited<ReturnType<Exchange["ready"]>>;
  let readiness = Promise.withResolvers<Readiness>();
  let poll = Promise.withResolvers<Invocation>();
  let out: Out | undefined;

  return {
    ready: () => readiness.promise,
    handOut(invocation) {
      const { promise, resolve } = Promise.withResolvers<Result>();
      out = { requestId: invocation.requestId, settle: resolve };
      readiness = Promise.withResolvers();
      poll.resolve(invocation);
      return promise;
    },
    next() {
      poll = Promise.withResolvers();
      readiness.resolve({ status: "ready" });
      return poll.promise;
    },
    report(requestId, result) {
      if (out?.requestId !== requestId) return false;
      out.settle(result);
      out = undefined;
      return true;
    },
    failInit: (error) => readiness.resolve({ status: "error", error }),
  };
}
