import { isBuiltin } from "node:module";
import { expect, it } from "vitest";
import { manifest } from "./support/manifest.ts";
import { imports } from "./support/source.ts";

const packages = imports()
  .filter(({ ours, to }) => !ours && !isBuiltin(to))
  .map(({ to }) => /^(?:@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? to);

it("package.json names every package that src imports, and none besides", () => {
  const { dependencies, peerDependencies } = manifest;
  const named = Object.keys({ ...dependencies, ...peerDependencies }).toSorted();
  expect([...new Set(packages)].toSorted()).toEqual(named);
});
