import type { Invocation } from "./invocation.js";
import {
  INIT_LIMIT_MS,
  type Environment,
  closedError,
  pendingOutput,
  timeoutLine,
} from "./lifecycle.js";
import type { LambdaOutcome } from "./outcome.js";
import type { Sandbox } from "./sandbox.js";

/**
 * Lambda Managed Instances: one sandbox that runs several invocations at once, is never frozen,
 * and outlives an invocation that takes too long.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html
 */
export class ManagedInstance implements Environment {
  readonly #start: () => Promise<Sandbox>;
  readonly #write: (text: string) => void;
  readonly #running = new Set<Promise<unknown>>();
  #free: number;
  #waiting: (() => void)[] = [];
  #sandbox: Promise<Sandbox> | undefined;
  #stopped = false;

  constructor(
    start: () => Promise<Sandbox>,
    write: (text: string) => void,
    maxConcurrency: number,
  ) {
    this.#start = start;
    this.#write = write;
    this.#free = maxConcurrency;
  }

  /** Runs as many invocations at once as there may be; further callers queue. */
  async run(invocation: Invocation): Promise<LambdaOutcome> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const running = this.#run(invocation);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const sandbox = await this.#sandbox?.catch(() => undefined);
    await sandbox?.shutDown();
  }

  async #run(invocation: Invocation): Promise<LambdaOutcome> {
    if (this.#stopped) throw closedError();
    const { requestId } = invocation;
    const sandbox = await (this.#sandbox ??= this.#start());
    const state = await sandbox.ready(INIT_LIMIT_MS);
    if (state.status !== "ready") {
      await this.#discard(sandbox);
      return { ...state, requestId, phase: "init", durationMs: 0 };
    }
    const handedOutAt = performance.now();
    const result = await sandbox.run(invocation);
    const durationMs = performance.now() - handedOutAt;
    if (result.status === "timeout") this.#write(timeoutLine(invocation));
    if (result.status === "exit") await this.#discard(sandbox);
    else await pendingOutput();
    return { ...result, requestId, phase: "invoke", durationMs };
  }

  async #discard(sandbox: Sandbox): Promise<void> {
    if ((await this.#sandbox) === sandbox) this.#sandbox = undefined;
    await sandbox.stop();
  }
}
