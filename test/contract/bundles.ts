/** Entries of the fixture, bundled as they would be deployed, each once. */
import { rm } from "node:fs/promises";
import { type BuildOptions, build } from "esbuild";
import { afterAll } from "vitest";

/** Answers the folder in which the bundle of an entry lies as `index.mjs`. */
export type Bundled = (entry: string) => Promise<string>;

/** Bundles entries until the surrounding `describe` ends. */
export function createBundles(options: BuildOptions): Bundled {
  const directory = `.cache/contract/${crypto.randomUUID()}`;
  afterAll(() => rm(directory, { recursive: true, force: true }));
  const bundles = new Map<string, Promise<string>>();
  return (entry) => {
    const bundled = bundles.get(entry) ?? bundle(entry, `${directory}/${entry}`, options);
    bundles.set(entry, bundled);
    return bundled;
  };
}

async function bundle(entry: string, folder: string, options: BuildOptions): Promise<string> {
  await build({
    entryPoints: [`${import.meta.dirname}/fixture/entries/${entry}.ts`],
    outfile: `${folder}/index.mjs`,
    bundle: true,
    format: "esm",
    logLevel: "error",
    ...options,
  });
  return folder;
}
