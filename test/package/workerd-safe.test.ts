import { expect, it } from "vitest";
import { bundle, MINIMAL, TOOLS } from "./support/bundle.ts";
import { deployedCode } from "./support/wrangler.ts";

it("a Worker's bundle imports nothing but node:async_hooks", async () => {
  const { imports } = await bundle(MINIMAL.worker, TOOLS.worker);
  expect(imports).toEqual(["node:async_hooks"]);
});

it("what wrangler uploads imports nothing but node:async_hooks", async () => {
  const code = new TextDecoder().decode(await deployedCode(MINIMAL.worker));
  expect(code.match(/\bimport\b[^;]*?"[^"]+"/g)?.map((found) => /"(.+)"/.exec(found)?.[1])).toEqual(
    ["node:async_hooks"],
  );
});

it("a Worker's bundle needs no eval and no require", async () => {
  const { code } = await bundle(MINIMAL.worker, { ...TOOLS.worker, minify: false });
  expect(new TextDecoder().decode(code)).not.toMatch(/\beval\(|new Function\(|\brequire\(/);
});
