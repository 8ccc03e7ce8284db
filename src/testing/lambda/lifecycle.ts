import type { Invocation } from "./invocation.js";
import type { LambdaOutcome } from "./outcome.js";
import type { Sandbox } from "./sandbox.js";

/** Lambda's limit on the init phase of an on-demand function. */
export const INIT_LIMIT_MS = 10_000;

/** What runs the invocations of one function. */
export interface Environment {
  run(invocation: Invocation): Promise<LambdaOutcome>;
  /** Resolves when nothing runs any more, not even what goes on after a response. */
  idle(): Promise<void>;
  /** Ends the sandbox; no other is started. */
  stop(): Promise<void>;
}

/**
 * Cold starts, warm starts and ends: which sandbox an invocation runs in. Lambda reuses a sandbox
 * whose runtime and extensions came back for more work, freezes it until then, and replaces one
 * that failed its init, timed out or died.
 */
export class Lifecycle implements Environment {
  readonly #start: () => Promise<Sandbox>;
  readonly #write: (text: string) => void;
  #sandbox: Sandbox | undefined;
  /** What goes on after the last response. */
  #rest: Promise<unknown> = Promise.resolve();
  #last: Promise<unknown> = Promise.resolve();
  #stopped = false;

  /** Gets its sandboxes from `start`, and gives `write` the platform's own log lines. */
  constructor(start: () => Promise<Sandbox>, write: (text: string) => void) {
    this.#start = start;
    this.#write = write;
  }

  /** Runs one invocation at a time; callers queue. */
  run(invocation: Invocation): Promise<LambdaOutcome> {
    const turn = this.#last.then(() => this.#run(invocation));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async idle(): Promise<void> {
    await this.#last;
    await this.#rest;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#sandbox?.shutDown();
    // A sandbox may just have been starting: the turn that started it ends it.
    await this.#last;
  }

  async #run(invocation: Invocation): Promise<LambdaOutcome> {
    const { requestId } = invocation;
    const reused = await this.#warm();
    const startedAt = performance.now();
    const sandbox = reused ?? (await this.#cold());
    const state = await sandbox.ready(INIT_LIMIT_MS);
    const init = reused ? {} : { initMs: performance.now() - startedAt };
    if (state.status !== "ready") {
      await this.#discard();
      return { ...state, ...init, requestId, phase: "init", durationMs: 0 };
    }
    const handedOutAt = performance.now();
    const result = await sandbox.run(invocation);
    const durationMs = performance.now() - handedOutAt;
    if (result.status === "timeout") this.#write(timeoutLine(invocation));
    if (result.status === "timeout" || result.status === "exit") await this.#discard();
    else {
      await pendingOutput();
      this.#rest = this.#settle(sandbox, invocation.timeoutMs - durationMs);
    }
    return { ...result, ...init, requestId, phase: "invoke", durationMs };
  }

  /** The sandbox of the last invocation, once it has come back for more; else none. */
  async #warm(): Promise<Sandbox | undefined> {
    await this.#rest;
    return this.#sandbox;
  }

  /** What goes on after the response belongs to the old invocation, and to its deadline. */
  async #settle(sandbox: Sandbox, remainingMs: number): Promise<void> {
    const state = await sandbox.ready(Math.max(0, remainingMs));
    if (state.status !== "ready") await this.#discard();
    else if (!this.#stopped) sandbox.freeze();
  }

  async #cold(): Promise<Sandbox> {
    if (this.#stopped) throw closedError();
    const sandbox = await this.#start();
    this.#sandbox = sandbox;
    if (!this.#stopped) return sandbox;
    await this.#discard();
    throw closedError();
  }

  async #discard(): Promise<void> {
    const ended = this.#sandbox;
    this.#sandbox = undefined;
    await ended?.stop();
  }
}

/** The line that Lambda leaves in the function's log. */
export function timeoutLine({ requestId, timeoutMs }: Invocation): string {
  const time = new Date().toISOString();
  return `${time} ${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds\n`;
}

/**
 * Lets the event loop read its sockets once more: what the handler printed before its response
 * waits in a pipe that may be polled after the response's socket.
 */
export async function pendingOutput(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

export function closedError(): Error {
  return new Error("this local Lambda is closed: call startLambda() for another");
}
