/** What `wrangler deploy` would upload. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./manifest.ts";
import { run } from "./run.ts";
import { scratchInside } from "./scratch.ts";

const CONFIG = `name = "minimal"
main = "worker.ts"
compatibility_date = "2026-10-01"
`;

/** Bundles a Worker's source by `wrangler deploy --dry-run --minify`. */
export async function deployedCode(source: string): Promise<Uint8Array> {
  await using folder = await scratchInside();
  await writeFile(join(folder.path, "worker.ts"), source);
  await writeFile(join(folder.path, "wrangler.toml"), CONFIG);
  const args = ["deploy", "--dry-run", "--minify", "--outdir", "out"];
  // wrangler bakes NODE_ENV into the code, which is "test" here.
  const env = { ...process.env, NODE_ENV: "production", WRANGLER_SEND_METRICS: "false" };
  const program = join(ROOT, "node_modules/.bin/wrangler");
  const { ok, output } = await run(program, args, folder.path, env);
  if (!ok) throw new Error(output);
  return readFile(join(folder.path, "out/worker.js"));
}
