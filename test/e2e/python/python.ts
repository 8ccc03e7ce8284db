/** OpenTelemetry for Python, installed once where Python is, and a service that uses it. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";

const PACKAGES = [
  "opentelemetry-sdk==1.45.2",
  "opentelemetry-propagator-b3==1.45.1",
  "opentelemetry-propagator-jaeger==1.45.1",
  "opentelemetry-propagator-aws-xray==1.0.2",
];
const FOLDER = `.cache/python/${PACKAGES.join(",")}`;

/** Why it cannot be had, or undefined where it can. */
export function unavailable(): string | undefined {
  if (existsSync(`${FOLDER}/installed`)) return undefined;
  rmSync(FOLDER, { recursive: true, force: true });
  const isDone =
    run("python3", "-m", "venv", FOLDER) &&
    run(`${FOLDER}/bin/pip`, "install", "--quiet", ...PACKAGES) &&
    run("touch", `${FOLDER}/installed`);
  return isDone ? undefined : "OpenTelemetry for Python could not be installed";
}

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

/** Starts the service with propagators by their names; answers where it is. */
export async function startService(
  propagators: readonly string[],
  resources: AsyncDisposableStack,
): Promise<string> {
  const service = spawn(
    `${FOLDER}/bin/python`,
    [`${import.meta.dirname}/service.py`, ...propagators],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  resources.defer(() => {
    service.kill();
  });
  const [port] = (await once(service.stdout, "data")) as [Buffer];
  return `http://127.0.0.1:${String(port).trim()}/`;
}
