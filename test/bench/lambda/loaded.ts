/** What it takes to load a function's module, and what the process then holds. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Bundle } from "./bundle.ts";

export interface Loaded {
  readonly loadMs: number;
  readonly rssMb: number;
}

/** Loads it in a process of its own, which calls it some times before its memory is read. */
export async function load({ file, before = "" }: Bundle, env: NodeJS.ProcessEnv): Promise<Loaded> {
  const args = [join(import.meta.dirname, "load.mjs"), file, before];
  // Not synchronously: the backend answers in this process.
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, AWS_LAMBDA_FUNCTION_NAME: "bench", ...env },
  });
  return JSON.parse(stdout.trim().split("\n").pop() ?? "") as Loaded;
}
