/** One Worker in a workerd of its own, behind the little of Cloudflare's edge that a Worker sees. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { App } from "./platform.ts";

/** The workerd that wrangler brings, wherever npm put it. */
const BINARY: string = (() => {
  const ofWrangler = createRequire(createRequire(import.meta.url).resolve("wrangler/package.json"));
  return (ofWrangler("workerd") as { default: string }).default;
})();

/** Says where it is, as Cloudflare does, and what was thrown, which a client would not get to see. */
const EDGE = `export default {
  async fetch(request, { WORKER }) {
    try {
      return await WORKER.fetch(request, { cf: { colo: "VIE", httpProtocol: "HTTP/1.1" } });
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};`;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * Runs the Worker that lies in `folder` as `index.mjs`. wrangler would take thirty times as long,
 * and send all that the Worker fetches on through Node.
 */
export async function startWorkerd(
  folder: string,
  vars: Readonly<Record<string, string>>,
): Promise<App> {
  const config = `${crypto.randomUUID()}.capnp`;
  await writeFile(join(folder, config), configOf(vars));
  const child = spawn(BINARY, ["serve", config, "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  running.add(child);
  const exited = once(child, "exit").finally(() => running.delete(child));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => void (output += text));
  const port = await portOf(child.stdio[3] as Readable);
  if (port === undefined) throw new Error(`workerd did not start:\n${output}`);
  return {
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    async close() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** @see https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configOf(vars: Readonly<Record<string, string>>): string {
  const bindings = Object.entries(vars).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "worker", worker = .worker),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  modules = [(name = "edge.mjs", esModule = ${JSON.stringify(EDGE)})],
  compatibilityDate = "2026-10-01",
  bindings = [(name = "WORKER", service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "index.mjs", esModule = embed "index.mjs")],
  compatibilityDate = "2026-10-01",
  bindings = [${bindings.join(", ")}],
);
`;
}

/** workerd tells on its control channel which port it was given, or closes it. */
async function portOf(control: Readable): Promise<number | undefined> {
  let told = "";
  for await (const chunk of control) {
    told += String(chunk);
    const [, port] = /"event":"listen",.*"port":(\d+)/.exec(told) ?? [];
    if (port) return Number(port);
  }
  return undefined;
}
