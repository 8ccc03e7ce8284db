/** Folders that live as long as a test, or as a file of tests. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./manifest.ts";

export interface Scratch {
  readonly path: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A folder in which code finds nothing but what is put there. */
export async function scratchOutside(): Promise<Scratch> {
  return scratchIn(tmpdir());
}

/** A folder below the root, in which `edgespan` is this package and its dependencies resolve. */
export async function scratchInside(): Promise<Scratch> {
  const cache = join(ROOT, ".cache");
  await mkdir(cache, { recursive: true });
  return scratchIn(cache);
}

async function scratchIn(parent: string): Promise<Scratch> {
  const path = await mkdtemp(join(parent, "edgespan-package-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
