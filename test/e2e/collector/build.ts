import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const definition = fileURLToPath(new URL("builder.yaml", import.meta.url));
const cache = fileURLToPath(new URL("../../../.cache/collector", import.meta.url));

export type CollectorBuild =
  | { readonly kind: "built"; readonly binary: string }
  | { readonly kind: "unavailable"; readonly reason: string };

/**
 * Returns the Collector that builder.yaml describes, building it when the cache has none.
 * Without Go it is unavailable, or an error where `CI=true`: there a skipped suite would
 * pass for a green one. A failed build is an error everywhere.
 */
export async function buildCollector(): Promise<CollectorBuild> {
  const goVersion = await findGo();
  if (goVersion === undefined) return unavailable();
  const yaml = await readFile(definition, "utf8");
  const key = createHash("sha256").update(yaml).update(goVersion).digest("hex").slice(0, 16);
  const binary = join(cache, `otelcol-${key}`);
  if (!existsSync(binary)) await compile(yaml, binary);
  return { kind: "built", binary };
}

/** Vitest's global setup: the build is paid before the first test's clock starts. */
export async function setup(): Promise<void> {
  const build = await buildCollector();
  if (build.kind === "unavailable") console.warn(`Collector tests are skipped: ${build.reason}`);
}

/** The toolchain's own words, platform included, or undefined where there is no Go. */
async function findGo(): Promise<string | undefined> {
  try {
    return (await run("go", ["version"])).stdout.trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function unavailable(): CollectorBuild {
  const reason = "there is no `go` on the PATH; install Go 1.26 or newer (https://go.dev/dl)";
  if (process.env["CI"] === "true") throw new Error(`the Collector cannot be built: ${reason}`);
  return { kind: "unavailable", reason };
}

/** Builds aside and renames, so that concurrent callers only ever see a whole binary. */
async function compile(yaml: string, binary: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const workspace = await mkdtemp(join(cache, "building-"));
  console.log("Building the OpenTelemetry Collector for the e2e tests, once; it takes minutes.");
  try {
    await run("go", ["run", builderModule(yaml), "--config", definition], {
      cwd: workspace,
      env: { ...process.env, GOFLAGS: goFlags() },
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(join(workspace, "otelcol-e2e"), binary);
  } catch (error) {
    throw new Error(`the Collector's build failed; fix ${definition} or Go's set-up`, {
      cause: error,
    });
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

function builderModule(yaml: string): string {
  const version = /^ {2}version: (\S+)$/m.exec(yaml)?.[1];
  if (version === undefined) throw new Error(`${definition} must set dist.version, e.g. 0.161.0`);
  return `go.opentelemetry.io/collector/cmd/builder@v${version}`;
}

/** Go would ask git about the repository around the workspace, which fails in some containers. */
function goFlags(): string {
  return `${process.env["GOFLAGS"] ?? ""} -buildvcs=false`.trim();
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
