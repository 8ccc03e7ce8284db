/** The modules of src, and what each imports. */
import { globSync } from "node:fs";
import { join, posix } from "node:path";
import { ROOT, readText } from "./manifest.ts";

/** One `import … from` or `export … from`; type-only ones count as well. */
export interface Import {
  /** Path of the importing module below src, e.g. `trace/span.ts`. */
  readonly from: string;
  /** Path of the imported module below src, or the package's specifier. */
  readonly to: string;
  readonly ours: boolean;
}

const STATIC = /^(?:import|export)\s[^;]*?\bfrom\s+"([^"]+)"/gm;
const SIDE_EFFECT = /^import\s+"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"/g;

/** Paths of all modules below src. */
export const modules: readonly string[] = globSync("**/*.ts", { cwd: join(ROOT, "src") })
  .map((path) => path.replaceAll("\\", "/"))
  .toSorted();

/** Text of a module of src without its comments. */
export function codeOf(module: string): string {
  return readText(`src/${module}`)
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*$/gm, "");
}

/** All imports of all modules of src. */
export function imports(): Import[] {
  return modules.flatMap((from) => {
    const code = codeOf(from);
    return [STATIC, SIDE_EFFECT, DYNAMIC].flatMap((pattern) =>
      Array.from(code.matchAll(pattern), ([, specifier = ""]) => resolveImport(from, specifier)),
    );
  });
}

function resolveImport(from: string, specifier: string): Import {
  if (!specifier.startsWith(".")) return { from, to: specifier, ours: false };
  const to = posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
  return { from, to, ours: true };
}
