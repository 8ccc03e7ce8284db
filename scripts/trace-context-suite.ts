import { spawn } from "node:child_process";
import { once } from "node:events";
import { SERVICES } from "../test/contract/w3c/services.ts";

/**
 * Runs the W3C working group's own suite for Trace Context, strictly and for level 2, against the
 * handlers in workerd and on Lambda's emulated HTTP. It wants the folder `test` of a checkout of
 * https://github.com/w3c/trace-context, and a `python3` that has aiohttp.
 */

const [folder, ...patterns] = process.argv.slice(2);
if (!folder) throw new Error("name the suite: npm run test:w3c -- ../trace-context/test");

const port = process.env["HARNESS_PORT"] ?? "7777";
const levels = { STRICT_LEVEL: "2", SPEC_LEVEL: "2", HARNESS_PORT: port };
const variables = {
  OTEL_TRACES_EXPORTER: "none",
  TRACE_CONTEXT_SUITE: `http://127.0.0.1:${port}`,
};

for (const [name, start] of SERVICES) {
  const service = await start(variables);
  console.log(`\n${name}`);
  const args = ["test.py", new URL("/trace-context", service.url).href, ...patterns];
  const env = { ...process.env, ...levels };
  const suite = spawn("python3", args, { cwd: folder, env, stdio: "inherit" });
  const [status] = (await once(suite, "exit")) as [number | null];
  await service.close();
  if (status !== 0) process.exitCode = 1;
}
