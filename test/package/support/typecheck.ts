/** The repository's TypeScript, run on somebody else's project. */
import { join } from "node:path";
import { ROOT } from "./manifest.ts";
import { run } from "./run.ts";

/** What TypeScript finds wrong with the project in `folder`, or nothing. */
export async function typeErrors(folder: string, ...args: string[]): Promise<string> {
  const program = join(ROOT, "node_modules/.bin/tsc");
  const { ok, output } = await run(
    program,
    ["--project", ".", "--pretty", "false", ...args],
    folder,
  );
  return ok ? "" : output;
}
