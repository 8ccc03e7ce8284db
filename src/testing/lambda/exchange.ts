import type { Invocation } from "./invocation.js";
import type { Interruption, LambdaError, Result } from "./outcome.js";

/**
 * Where the two sides of a sandbox's APIs meet: the runtime and the extensions of its process ask
 * and report, the sandbox's owner hands out events and waits for their results. It owns which
 * events are out and who has asked for the next, and no I/O.
 *
 * The moment between everybody having asked and `handOut` is when Lambda may freeze a sandbox.
 */
export interface Exchange {
  /** Resolves once the runtime and every extension ask for work, or the runtime cannot start. */
  ready(): Promise<Readiness>;
  /** Gives the runtime and the extensions an event; resolves with what the runtime reports on it. */
  handOut(invocation: Invocation): Promise<Result>;
  /** Whether the process has an extension, and is therefore told that it is about to end. */
  hasExtension(): boolean;

  /** The runtime asks for its next event. */
  next(): Promise<Invocation>;
  /** The runtime reports on an event; false when that event is not out. */
  report(requestId: string, result: Result): boolean;
  /** The runtime could not load the function. */
  failInit(error: LambdaError): void;
  /** An extension registers for events, and gets its identifier or the reason why not. */
  register(events: readonly string[]): Registration;
  /** An extension asks for its next event; nothing where the identifier is nobody's. */
  nextEvent(extension: string): Promise<Invocation> | undefined;
}

export type Registration =
  | { readonly extension: string }
  | { readonly errorType: string; readonly errorMessage: string };

export type Readiness = Interruption | { readonly status: "ready" };

type Poll = PromiseWithResolvers<Invocation>;

/** Creates the meeting place of one sandbox, which may be one that runs several events at once. */
export function createExchange({ concurrent }: { readonly concurrent: boolean }): Exchange {
  let readiness = Promise.withResolvers<Readiness>();
  let initialized = false;
  const polls: Poll[] = [];
  /** Events that have found the runtime ready, but others were faster. */
  const queued: Invocation[] = [];
  const extensions = new Map<string, Poll | undefined>();
  const out = new Map<string, (result: Result) => void>();

  const settleReadiness = (): void => {
    if (polls.length > 0 && [...extensions.values()].every(Boolean))
      readiness.resolve({ status: "ready" });
  };

  return {
    ready: () => readiness.promise,
    hasExtension: () => extensions.size > 0,
    handOut(invocation) {
      const { promise, resolve } = Promise.withResolvers<Result>();
      out.set(invocation.requestId, resolve);
      readiness = Promise.withResolvers();
      for (const [extension, poll] of extensions) {
        poll?.resolve(invocation);
        extensions.set(extension, undefined);
      }
      if (polls.length === 0) queued.push(invocation);
      polls.shift()?.resolve(invocation);
      settleReadiness();
      return promise;
    },
    next() {
      initialized = true;
      const poll = Promise.withResolvers<Invocation>();
      const waiting = queued.shift();
      if (waiting) poll.resolve(waiting);
      else polls.push(poll);
      settleReadiness();
      return poll.promise;
    },
    report(requestId, result) {
      out.get(requestId)?.(result);
      return out.delete(requestId);
    },
    failInit: (error) => readiness.resolve({ status: "error", error }),
    register(events) {
      const allowed = concurrent ? [] : ["INVOKE"];
      if (!events.every((event) => allowed.includes(event)))
        return refusal("InvalidEventType", `an internal extension may have: ${allowed.join()}`);
      if (initialized)
        return refusal("RegistrationClosed", "Extension registration closed already");
      const extension = crypto.randomUUID();
      extensions.set(extension, undefined);
      return { extension };
    },
    nextEvent(extension) {
      if (!extensions.has(extension)) return undefined;
      const poll = Promise.withResolvers<Invocation>();
      extensions.set(extension, poll);
      settleReadiness();
      return poll.promise;
    },
  };
}

function refusal(kind: string, errorMessage: string): Registration {
  return { errorType: `Extension.${kind}`, errorMessage };
}
