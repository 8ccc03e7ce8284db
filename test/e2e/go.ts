/** Programs of the e2e tests that Go builds from its modules, each once. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface GoProgram {
  /** What it is, for people. */
  readonly title: string;
  /** Its folder in `.cache`. */
  readonly folder: string;
  /** What decides, beside Go's version, what is built. */
  readonly definition: string;
  /** The arguments of `go`, which leave a binary of the name `output` where GOBIN and `.` are. */
  readonly args: readonly string[];
  readonly output: string;
}

export type GoBuild =
  | { readonly kind: "built"; readonly binary: string }
  | { readonly kind: "unavailable"; readonly reason: string };

/**
 * Returns the program, building it when the cache has none. Without Go it is unavailable, or an
 * error where `CI=true`: there a skipped suite would pass for a green one. A failed build is an
 * error everywhere.
 */
export async function buildOnce(program: GoProgram): Promise<GoBuild> {
  const { title, folder, definition } = program;
  const goVersion = await findGo();
  if (goVersion === undefined) return unavailable(title);
  const digest = createHash("sha256").update(definition).update(goVersion).digest("hex");
  const cache = fileURLToPath(new URL(`../../.cache/${folder}`, import.meta.url));
  const binary = join(cache, `${program.output}-${digest.slice(0, 16)}`);
  if (!existsSync(binary)) await compile(program, cache, binary);
  return { kind: "built", binary };
}

/** A global setup of Vitest's: the build is paid before the first test's clock starts. */
export async function buildBeforehand(program: GoProgram): Promise<void> {
  const build = await buildOnce(program);
  if (build.kind === "unavailable")
    console.warn(`Tests that need ${program.title} are skipped: ${build.reason}`);
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

function unavailable(title: string): GoBuild {
  const reason = "there is no `go` on the PATH; install Go 1.26 or newer (https://go.dev/dl)";
  if (process.env["CI"] === "true") throw new Error(`${title} cannot be built: ${reason}`);
  return { kind: "unavailable", reason };
}

/** Builds aside and renames, so that concurrent callers only ever see a whole binary. */
async function compile(program: GoProgram, cache: string, binary: string): Promise<void> {
  const { title, args, output } = program;
  await mkdir(cache, { recursive: true });
  const workspace = await mkdtemp(join(cache, "building-"));
  console.log(`Building ${title} for the e2e tests, once; it takes a while.`);
  try {
    await run("go", args, {
      cwd: workspace,
      env: { ...process.env, GOFLAGS: goFlags(), GOBIN: workspace },
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(join(workspace, output), binary);
  } catch (error) {
    throw new Error(`${title} could not be built: \`go ${args.join(" ")}\` failed`, {
      cause: error,
    });
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** Go would ask git about the repository around the workspace, which fails in some containers. */
function goFlags(): string {
  return `${process.env["GOFLAGS"] ?? ""} -buildvcs=false`.trim();
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
