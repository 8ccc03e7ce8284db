/** The minimal handlers whose bundles are measured. */
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";

/** What `wrangler deploy --minify` tells esbuild. */
const WRANGLER: BuildOptions = {
  platform: "neutral",
  conditions: ["workerd", "worker", "browser"],
  mainFields: ["browser", "module", "main"],
  external: ["node:*"],
  keepNames: true,
  define: { "process.env.NODE_ENV": '"production"' },
};

/** Named pieces of code and how they are bundled. */
export const MINIMAL = {
  "empty module": ["export const handler = () => 0", { platform: "node" }],
  "edgespan/worker": [
    'import { instrument } from "edgespan/worker"; export default instrument({ async fetch() { return new Response("ok") } })',
    WRANGLER,
  ],
  "edgespan/lambda": [
    'import { wrapHandler } from "edgespan/lambda"; export const handler = wrapHandler(async () => "ok")',
    { platform: "node" },
  ],
} as const satisfies Record<string, readonly [string, BuildOptions]>;

/** Bundles and minifies one of them. */
export async function bundle(name: keyof typeof MINIMAL): Promise<Uint8Array> {
  const [contents] = MINIMAL[name];
  const options: BuildOptions = MINIMAL[name][1];
  const { outputFiles = [] } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    logLevel: "error",
    ...options,
  });
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild wrote nothing for ${name}`);
  return file.contents;
}

export function gzipBytes(contents: Uint8Array): number {
  return gzipSync(contents, { level: 9 }).length;
}
