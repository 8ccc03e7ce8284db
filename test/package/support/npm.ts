/** The machine's npm, as a user runs it. */
import { type Finished, run } from "./run.ts";

/** Runs npm in `cwd`, as if no other npm had started these tests. */
export async function npm(args: readonly string[], cwd: string): Promise<Finished> {
  const inherited = /^(?:npm_(?:package|lifecycle|command|execpath|config_local_prefix)|INIT_CWD)/;
  const variables = Object.entries(process.env).filter(([name]) => !inherited.test(name));
  return run("npm", [...args, "--no-audit", "--no-fund"], cwd, Object.fromEntries(variables));
}

/** Whether the registry answers. */
export async function reachesRegistry(): Promise<boolean> {
  const { ok } = await npm(
    ["ping", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=5000"],
    import.meta.dirname,
  );
  return ok;
}
