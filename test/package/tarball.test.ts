import { beforeAll, expect, it } from "vitest";
import { globSync } from "node:fs";
import { VERSION } from "../../src/version.ts";
import { manifest, readText, ROOT } from "./support/manifest.ts";
import { modules } from "./support/source.ts";
import { pack, type Tarball } from "./support/tarball.ts";
import { scratchOutside } from "./support/scratch.ts";

let tarball: Tarball;

beforeAll(async () => {
  await using folder = await scratchOutside();
  tarball = await pack(folder.path);
  const { packedBytes, unpackedBytes, files } = tarball;
  console.log(`npm pack: ${files.length} files, ${packedBytes} bytes, ${unpackedBytes} unpacked`);
});

it("the package is what was compiled from src, and what explains it", () => {
  const compiled = modules.flatMap((module) => {
    const path = `dist/${module.replace(/\.ts$/, "")}`;
    return [`${path}.d.ts`, `${path}.js`];
  });
  const explained = ["LICENSE", "README.md", "package.json"];
  const published = tarball.files.filter((path) => path !== "CHANGELOG.md");
  expect(published.toSorted()).toEqual([...compiled, ...explained].toSorted());
});

it("nothing in it names a place on the machine that built it", () => {
  const paths = globSync("dist/**/*.{js,ts,map}", { cwd: ROOT });
  const telling = paths.filter((path) => {
    const text = readText(path);
    return text.includes(ROOT) || /file:\/\/\/|sourceMappingURL/.test(text);
  });
  expect(telling).toEqual([]);
});

it("the version that is sent is the version that is published", () => {
  expect(VERSION).toBe(manifest.version);
});

it("installing it runs nothing", () => {
  // npm counts `prepare` as well where a package comes from git or a file, and warns of it.
  const run = /^(?:(?:pre|post)?(?:install|prepare)|prepublish)$/;
  expect(Object.keys(manifest.scripts).filter((name) => run.test(name))).toEqual([]);
});
