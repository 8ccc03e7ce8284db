/** Bundles what a user would deploy, as the platform's usual tool does. */
import { gzipSync } from "node:zlib";
import { type BuildOptions, type Metafile, build } from "esbuild";
import { ROOT } from "./manifest.ts";

const define = { "process.env.NODE_ENV": '"production"' };

/** What esbuild is told, so that it resolves and minifies as wrangler (4.155) does. */
const WRANGLER: BuildOptions = {
  target: "es2024",
  conditions: ["workerd", "worker", "browser"],
  define,
  external: ["node:*", "cloudflare:*"],
  keepNames: true,
};

/** As `template.yaml` has it, and what the README says of other tools. */
const NODE: BuildOptions = { platform: "node", target: "es2023", define };

export const TOOLS = { worker: WRANGLER, lambda: NODE } as const;

/** The least that a user deploys on each platform. */
export const MINIMAL = {
  worker: `import { instrument } from "edgespan/worker";
export default instrument({ async fetch() { return new Response("hello"); } });`,
  lambda: `import { wrapHandler } from "edgespan/lambda";
export const handler = wrapHandler(async () => "hello");`,
} as const;

export interface Bundle {
  readonly code: Uint8Array;
  readonly gzipBytes: number;
  /** Paths from the root of the modules that left something in the bundle. */
  readonly inputs: readonly string[];
  /** What the bundle still imports. */
  readonly imports: readonly string[];
}

/** Bundles and minifies `source`, which imports edgespan by its name. */
export async function bundle(
  source: string,
  tool: BuildOptions,
  resolveDir: string = ROOT,
): Promise<Bundle> {
  const { metafile, outputFiles = [] } = await build({
    stdin: { contents: source, resolveDir, loader: "ts", sourcefile: "app.ts" },
    absWorkingDir: ROOT,
    outdir: "out",
    bundle: true,
    minify: true,
    format: "esm",
    metafile: true,
    write: false,
    ...tool,
  });
  const [file] = outputFiles;
  if (!file || !metafile) throw new Error("esbuild wrote no bundle");
  return { code: file.contents, gzipBytes: gzipBytes(file.contents), ...contentsOf(metafile) };
}

export function gzipBytes(code: Uint8Array): number {
  return gzipSync(code, { level: 9 }).length;
}

function contentsOf({ outputs }: Metafile): Pick<Bundle, "inputs" | "imports"> {
  const files = Object.values(outputs);
  const inputs = files.flatMap((file) =>
    Object.entries(file.inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [path] : [],
    ),
  );
  return { inputs, imports: files.flatMap((file) => file.imports.map(({ path }) => path)) };
}
