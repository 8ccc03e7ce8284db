/** A subject as it is deployed: bundled and minified. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { TOOLS, gzipBytes } from "../../package/support/bundle.ts";
import type { LambdaSubject } from "./subjects.ts";

const HERE = import.meta.dirname;
export const PEERS: string = join(HERE, "peers");
export const OUT: string = join(process.cwd(), ".cache/bench/lambda");

export interface Bundle {
  readonly file: string;
  /** What is loaded before it, where the library demands that. */
  readonly before: string | undefined;
  readonly bytes: number;
  readonly gzip: number;
}

export async function bundle(name: string, subject: LambdaSubject): Promise<Bundle> {
  const { code, before, isPeer, build: options } = subject;
  const extension = options?.format === "cjs" ? "cjs" : "mjs";
  const stem = name.replace(/\W+/g, "-");
  let bytes = 0;
  let gzip = 0;
  const write = async (contents: string, file: string): Promise<string> => {
    const { outputFiles = [] } = await build({
      stdin: { contents, resolveDir: isPeer ? PEERS : HERE },
      bundle: true,
      minify: true,
      write: false,
      ...TOOLS.lambda,
      format: "esm",
      // Of CommonJS dependencies, which look for it.
      banner: {
        js:
          extension === "mjs"
            ? 'import { createRequire as cR } from "node:module"; const require = cR(import.meta.url);'
            : "",
      },
      logLevel: "error",
      ...options,
    });
    const [output] = outputFiles;
    if (!output) throw new Error(`esbuild wrote nothing for ${name}`);
    bytes += output.contents.length;
    gzip += gzipBytes(output.contents);
    const path = join(OUT, file);
    writeFileSync(path, output.contents);
    return path;
  };
  return {
    before: before && (await write(before, `${stem}-before.${extension}`)),
    file: await write(code, `${stem}.${extension}`),
    bytes,
    gzip,
  };
}
