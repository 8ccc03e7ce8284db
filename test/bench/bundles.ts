/** What a minimal handler weighs. */
import { MINIMAL, bundle, gzipBytes } from "./minimal.ts";

export async function benchBundles(): Promise<Record<string, string | number>[]> {
  const names = Object.keys(MINIMAL) as (keyof typeof MINIMAL)[];
  return Promise.all(
    names.map(async (what) => {
      const contents = await bundle(what);
      return { what, bytes: contents.length, "gzip bytes": gzipBytes(contents) };
    }),
  );
}
