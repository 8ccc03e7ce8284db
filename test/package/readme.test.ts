import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readText, ROOT } from "./support/manifest.ts";

/** A block whose first line is `// handlers/<name>.ts` shows the whole of that file. */
const BLOCK = /^```tsx?\n\/\/ (handlers\/\S+)\n([\s\S]*?)^```$/gm;

const blocks = [...readText("README.md").matchAll(BLOCK)].map(([, path = "", code]) => ({
  path,
  code,
}));

it.each(blocks)("the README's $path is that file's text", ({ path, code }) => {
  expect(existsSync(join(ROOT, path))).toBe(true);
  expect(code).toBe(readText(path));
});

it.each(["edgespan/worker", "edgespan/lambda", "edgespan/hono"])(
  "the README shows a whole handler that uses %s",
  (specifier) => {
    expect(blocks.some(({ code }) => code?.includes(`from "${specifier}"`))).toBe(true);
  },
);
