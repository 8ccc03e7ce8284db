/** A function in AWS's own runtime interface emulator, on free loopback ports. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../../lambda/clients.ts";
import { freePort } from "../collector/ports.ts";
import { buildEmulator } from "./build.ts";

export interface Emulated extends AsyncDisposable {
  /** What the emulator answers to an event, and after how long. */
  invoke(event: unknown): Promise<{ body: string; durationMs: number }>;
  /** How long the runtime took for each event so far, until it asked for the next. */
  runtimeMs(): number[];
  /** What the emulator and the function have written. */
  log(): string;
  /** Ends both. */
  stop(): Promise<void>;
}

export interface EmulatedFunction {
  readonly handler: string;
  readonly taskRoot: string;
  readonly client: Client;
  readonly env: Readonly<Record<string, string>>;
}

export async function startEmulator(emulated: EmulatedFunction): Promise<Emulated> {
  const build = await buildEmulator();
  if (build.kind === "unavailable") throw new Error(`no emulator to start: ${build.reason}`);
  const port = await freePort();
  const child = spawn(
    build.binary,
    [
      "--runtime-interface-emulator-address",
      `127.0.0.1:${port}`,
      "--runtime-api-address",
      `127.0.0.1:${await freePort()}`,
      ...commandOf(emulated),
    ],
    { cwd: emulated.taskRoot, env: environmentOf(emulated) },
  );
  // It ends the function, too, which a process that is killed could not.
  const endWithParent = (): void => void child.kill("SIGTERM");
  process.once("exit", endWithParent);
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  const stop = async (): Promise<void> => {
    process.off("exit", endWithParent);
    await end(child);
  };
  await listening(port, child, () => log);
  return {
    async invoke(event) {
      const startedAt = performance.now();
      const path = "/2015-03-31/functions/function/invocations";
      const body = JSON.stringify(event);
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body });
      return { body: await response.text(), durationMs: performance.now() - startedAt };
    },
    runtimeMs: () =>
      Array.from(log.matchAll(/INVOKE RTDONE\(.*duration: ([\d.]+)ms/g), ([, ms]) => Number(ms)),
    log: () => log,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function commandOf({ handler, client }: EmulatedFunction): string[] {
  return [client.nodePath ?? process.execPath, client.runtimeClient ?? "", handler];
}

/** What a container image for Lambda has in its environment; the rest is the emulator's. */
function environmentOf({ taskRoot, env }: EmulatedFunction): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", LAMBDA_TASK_ROOT: taskRoot, ...env };
}

async function listening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline && child.exitCode === null) {
    if (await accepts(port)) return;
    await sleep(10);
  }
  await end(child);
  throw new Error(`the emulator did not start; its log says why:\n${log()}`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
}
