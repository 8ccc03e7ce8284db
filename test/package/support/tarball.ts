/** The package as npm would publish it. */
import { join } from "node:path";
import { npm } from "./npm.ts";
import { ROOT } from "./manifest.ts";

export interface Tarball {
  /** Absolute path of the .tgz. */
  readonly path: string;
  /** Paths of the files in it. */
  readonly files: readonly string[];
  readonly packedBytes: number;
  readonly unpackedBytes: number;
}

/** Packs dist as it is into `folder`; building it is the caller's. */
export async function pack(folder: string): Promise<Tarball> {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { ok, output, stdout } = await npm(args, ROOT);
  if (!ok) throw new Error(output);
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  if (!packed) throw new Error(`npm packed nothing: ${output}`);
  return {
    path: join(folder, packed.filename),
    files: packed.files.map(({ path }) => path),
    packedBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
  };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { path: string }[];
  readonly size: number;
  readonly unpackedSize: number;
}
