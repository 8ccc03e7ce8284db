import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

/**
 * Installs a runtime client of AWS's, under which the Lambda tests run: the current one, or the one
 * that its argument names. Each is a package of its own because its native build takes 40 s and a
 * toolchain: where that cannot work, the rest of the repository must still install, so this
 * program says so and ends well.
 */

/** Where each client has its native part when it is built. */
const NATIVE_PARTS: Readonly<Record<string, string>> = {
  "runtime-client": "rapid-client.node",
  "previous-runtime-client": "dist/rapid-client.node",
};

const NAME = process.argv[2] ?? "runtime-client";
const ROOT = new URL("../", import.meta.url);
const CLIENT = new URL(`test/lambda/${NAME}/`, ROOT);
const NATIVE = new URL(`node_modules/aws-lambda-ric/${NATIVE_PARTS[NAME]}`, CLIENT);
const STAMP = new URL("node_modules/.installed", CLIENT);
const LOG = new URL(`.cache/install-${NAME}.log`, ROOT);
const LOCK = new URL("package-lock.json", CLIENT);
const AUTORECONF = new URL("autoreconf.sh", CLIENT);

/** Each needed program by the names it goes by. */
const TOOLS = [["cmake", "cmake3"], ["make"], ["c++", "g++"], ["python3"], ["tar"], ["xz"]];

main();

function main(): void {
  if (!isDevelopment()) return;
  const current = fingerprint();
  if (existsSync(NATIVE) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === current) return;
  const obstacle = whyNot();
  if (obstacle !== undefined) return skip(obstacle);
  console.log(`edgespan: building the ${NAME} of the Lambda tests, about 40 s`);
  if (!install()) return skip(`its build failed; the end of ${relative(LOG)}:\n${logTail()}\n`);
  writeFileSync(STAMP, current);
}

/** npm runs `dependencies` after each install of this repository, and only there. */
function isDevelopment(): boolean {
  return existsSync(LOCK);
}

/** What an install depends on: the locked versions, how they are built, and the platform. */
function fingerprint(): string {
  const digest = createHash("sha256");
  for (const file of [LOCK, AUTORECONF]) if (existsSync(file)) digest.update(readFileSync(file));
  return `${process.platform}-${process.arch} ${digest.digest("hex")}`;
}

function whyNot(): string | undefined {
  if (process.platform !== "linux") return `it does not build on ${process.platform}`;
  const missing = TOOLS.filter((names) => !names.some(isInstalled)).map(([name]) => name);
  return missing.length === 0 ? undefined : `its build needs ${missing.join(", ")}`;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function install(): boolean {
  mkdirSync(new URL("./", LOG), { recursive: true });
  const log = openSync(LOG, "w");
  // npm's own file under this Node, so that npm and the build see Node 24 and not the system's.
  const npm = process.env["npm_execpath"];
  const command = npm === undefined ? "npm" : process.execPath;
  const args = ["ci", "--foreground-scripts", "--no-audit", "--no-fund", "--no-dry-run"];
  const { status } = spawnSync(command, npm === undefined ? args : [npm, ...args], {
    cwd: fileURLToPath(CLIENT),
    env: {
      ...process.env,
      MAKEFLAGS: `-j${availableParallelism()}`,
      AUTORECONF: fileURLToPath(AUTORECONF),
    },
    stdio: ["ignore", log, log],
  });
  return status === 0 && existsSync(NATIVE);
}

function logTail(): string {
  return readFileSync(LOG, "utf8").trimEnd().split("\n").slice(-15).join("\n");
}

function relative(file: URL): string {
  return file.href.slice(ROOT.href.length);
}

function skip(reason: string): void {
  console.warn(`edgespan: the tests that need the ${NAME} will be skipped: ${reason}`);
}
