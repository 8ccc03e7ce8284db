/** Runs one Worker in a workerd of its own, as `workerd serve` does. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { FOLDER, own } from "./children.ts";
import { type Usage, usageOf } from "./usage.ts";

/** The workerd that wrangler brings, wherever npm put it. */
const BINARY: string = (() => {
  const ofWrangler = createRequire(createRequire(import.meta.url).resolve("wrangler/package.json"));
  return (ofWrangler("workerd") as { default: string }).default;
})();

const SHOWN = 20;

export interface Workerd {
  readonly port: number;
  /** Where the inspector listens; 0 where there is none. */
  readonly inspectorPort: number;
  usage(): Usage;
  /** The lines written since the start. */
  said(): string[];
}

interface Deployed {
  readonly name: string;
  readonly code: Uint8Array;
  readonly bindings: Readonly<Record<string, string>>;
  /** Whether the heap can be looked into, which costs speed. */
  readonly inspected?: boolean;
  /** The size of the heap beyond which V8 gives up; the platform's limit is 128 MB. */
  readonly heapMegabytes?: number;
}

export async function startWorkerd({
  name,
  code,
  bindings,
  inspected = false,
  heapMegabytes,
}: Deployed): Promise<Workerd> {
  const folder = join(FOLDER, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "worker.js"), code);
  writeFileSync(
    join(folder, "config.capnp"),
    configOf(bindings, [
      ...(inspected ? ["--expose-gc"] : []),
      ...(heapMegabytes ? [`--max-old-space-size=${heapMegabytes}`] : []),
    ]),
  );
  // A file takes what is said at the least cost to us and to workerd.
  const said = join(folder, "said.txt");
  const log = openSync(said, "w");
  const child = own(
    spawn(
      BINARY,
      [
        "serve",
        "config.capnp",
        "--control-fd=3",
        ...(inspected ? ["--inspector-addr=127.0.0.1:0"] : []),
      ],
      { cwd: folder, stdio: ["ignore", log, log, "pipe"] },
    ),
  );
  closeSync(log);
  child.once("exit", (status, signal) => {
    // Which is how we end it.
    if (signal === "SIGKILL") return;
    console.error(`workerd ended with ${status ?? signal}`, linesOf(said).slice(-SHOWN));
  });
  const { port, inspectorPort } = await portsOf(child);
  // What workerd notes about its configuration, before the Worker has run.
  const notes = linesOf(said).length;
  return {
    port,
    inspectorPort,
    usage: () => usageOf(child.pid ?? 0),
    said: () => linesOf(said).slice(notes),
  };
}

/** @see https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configOf(bindings: Readonly<Record<string, string>>, v8Flags: readonly string[]): string {
  const list = Object.entries(bindings).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(v8Flags)},
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = ["nodejs_compat"],
  globalOutbound = "internet",
  bindings = [${list.join(", ")}],
);
`;
}

/** workerd tells on its control channel which ports it was given, that of the inspector first. */
async function portsOf(child: ChildProcess): Promise<{ port: number; inspectorPort: number }> {
  let told = "";
  for await (const chunk of child.stdio[3] as Readable) {
    told += String(chunk);
    const [, port] = /"event":"listen",.*"port":(\d+)/.exec(told) ?? [];
    const [, inspector = 0] = /"event":"listen-inspector","port":(\d+)/.exec(told) ?? [];
    if (port) return { port: Number(port), inspectorPort: Number(inspector) };
  }
  throw new Error("workerd did not start");
}

function linesOf(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}
