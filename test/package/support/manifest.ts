/** What package.json says, and where things lie. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Absolute path of the repository's root. */
export const ROOT = resolve(import.meta.dirname, "../../..");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(readText("package.json")) as Manifest;

/** One published subpath: how users import it, and the name of its file in src and dist. */
export interface Entry {
  /** e.g. `edgespan/worker`. */
  readonly specifier: string;
  /** e.g. `worker`. */
  readonly file: string;
}

/** The published subpaths, without `./package.json`, which is no code. */
export const entries: readonly Entry[] = Object.entries(manifest.exports)
  .filter(([subpath]) => subpath !== "./package.json")
  .map(([subpath, target]) => ({
    specifier: manifest.name + subpath.slice(1),
    file: target.replace(/^\.\/dist\/(.*)\.js$/, "$1"),
  }));

/** Text of a file, by its path from the root. */
export function readText(path: string): string {
  return readFileSync(resolve(ROOT, path), "utf8");
}
