import { createExchange, type Readiness } from "./exchange.js";
import type { Invocation } from "./invocation.js";
import type { Result } from "./outcome.js";
import { serveRuntimeApi } from "./runtime-api.js";
import { type SandboxProcess, startProcess } from "./sandbox-process.js";

/**
 * One execution environment: a process with a Runtime API of its own, from its start to its end.
 * Because each has its own API, a sandbox that was killed cannot answer for its successor.
 */
export interface Sandbox {
  /** Waits until the runtime and its extensions ask for work, or until it is clear that they will not. */
  ready(limitMs: number): Promise<Readiness>;
  /** Runs one event to its end; the sandbox must be ready. */
  run(invocation: Invocation): Promise<Result>;
  /** Stops the process where it is, until the next event. */
  freeze(): void;
  /** Tells the process that it ends, if it has an extension, kills it and closes its API. */
  shutDown(): Promise<void>;
  /** Kills the process, if it still runs, and closes its API. */
  stop(): Promise<void>;
}

/** How to start the process of a sandbox. */
export interface SandboxSetup {
  readonly nodePath: string;
  readonly args: readonly string[];
  readonly taskRoot: string;
  /** Whether it runs several events at once. */
  readonly concurrent: boolean;
  /** The environment, given the Runtime API's `host:port`. */
  readonly environment: (runtimeApi: string) => Readonly<Record<string, string | undefined>>;
  readonly write: (text: string) => void;
}

/** What Lambda grants a process with an internal extension between SIGTERM and SIGKILL. */
const SHUTDOWN_MS = 500;

/** Starts a sandbox. Its init phase runs on while the caller waits in {@link Sandbox.ready}. */
export async function startSandbox(setup: SandboxSetup): Promise<Sandbox> {
  const exchange = createExchange(setup);
  const api = await serveRuntimeApi(exchange);
  const child = await startProcess({
    nodePath: setup.nodePath,
    args: setup.args,
    cwd: setup.taskRoot,
    env: setup.environment(`127.0.0.1:${api.port}`),
    write: setup.write,
  }).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await child.kill();
    await api.close();
  };
  return {
    stop,
    ready: (limitMs) => firstOf(exchange.ready(), child, limitMs),
    freeze: () => child.freeze(),
    async run(invocation) {
      child.thaw();
      return firstOf(exchange.handOut(invocation), child, invocation.timeoutMs);
    },
    async shutDown() {
      child.thaw();
      if (exchange.hasExtension()) await child.terminate(SHUTDOWN_MS);
      await stop();
    },
  };
}

/** The report, unless the process ends or the time is up before it comes. */
async function firstOf<T>(
  report: Promise<T>,
  child: SandboxProcess,
  limitMs: number,
): Promise<T | Exclude<Result, { status: "success" } | { status: "error" }>> {
  const late = Promise.withResolvers<{ status: "timeout" }>();
  // Not unreferenced: while someone waits, this timer is what keeps the process alive.
  const timer = setTimeout(() => late.resolve({ status: "timeout" }), limitMs);
  try {
    const ended = child.exited.then((exit) => ({ status: "exit" as const, ...exit }));
    return await Promise.race([report, ended, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
