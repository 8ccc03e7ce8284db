import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";

/**
 * The Node process that stands for a Lambda sandbox. It owns the child's life: the child ends with
 * this process, and never keeps this process alive. Only where this process is killed outright
 * does a runtime client other than the built-in one live on, until its handler settles.
 */

/** How to start the process. */
export interface ProcessSetup {
  readonly nodePath: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives stdout and stderr as they come. */
  readonly write: (text: string) => void;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running process. */
export interface SandboxProcess {
  /** Resolves when the process has ended and its last output has been read. */
  readonly exited: Promise<Exit>;
  /** Stops it where it is, as Lambda does between invocations; where there are no such signals, nothing. */
  freeze(): void;
  /** Lets it go on. */
  thaw(): void;
  /** Ends it at once, as Lambda does: no signal that the function could handle. */
  kill(): Promise<void>;
  /** Asks it to end, and ends it after `graceMs`. */
  terminate(graceMs: number): Promise<void>;
}

// What a dead process wrote is normally read at once; a grandchild may hold the pipe for ever.
const LAST_OUTPUT_MS = 200;

/** Starts the process, and resolves once it runs. */
export async function startProcess(setup: ProcessSetup): Promise<SandboxProcess> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child = spawn(setup.nodePath, setup.args, {
    cwd: setup.cwd,
    env: { ...setup.env },
    // The fourth says to the built-in client that this process lives: it closes with it.
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  await spawned(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", setup.write);
  }
  for (const pipe of child.stdio.slice(1) as Socket[]) pipe.unref();
  child.unref();
  const killWithParent = (): void => void child.kill("SIGKILL");
  process.once("exit", killWithParent);
  const exited = exitOf(child).finally(() => process.off("exit", killWithParent));
  const signal = (name: NodeJS.Signals): void => {
    if (process.platform !== "win32") child.kill(name);
  };
  return {
    exited,
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    kill: () => kill(child, exited),
    async terminate(graceMs) {
      child.ref();
      signal("SIGTERM");
      const patience = setTimeout(() => void child.kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(patience);
    },
  };
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      const end = (): void => {
        clearTimeout(patience);
        resolve({ code, signal });
      };
      const patience = setTimeout(end, LAST_OUTPUT_MS);
      child.once("close", end);
    });
  });
}

async function kill(child: ChildProcess, exited: Promise<Exit>): Promise<void> {
  // Awaiting an unreferenced child would let this process end in the middle of the wait.
  child.ref();
  child.kill("SIGKILL");
  await exited;
}
