/** The lint rules, tried on a copy of src with every import that the law forbids. */
import { cp, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { expect, it } from "vitest";
import { type Layer, LAYERS, layerOf, mayImport } from "./support/layers.ts";
import { ROOT } from "./support/manifest.ts";
import { run } from "./support/run.ts";
import { scratchOutside } from "./support/scratch.ts";
import { modules } from "./support/source.ts";

/** Every pair of layers, save from src/version.ts: one constant, which the test of the graph covers. */
const pairs = LAYERS.flatMap((from) => LAYERS.map((to) => ({ from, to }))).filter(
  ({ from, to }) => from !== to && from !== "version",
);

it("oxlint finds every import that the dependency law forbids", async () => {
  const forbidden = pairs.filter(({ from, to }) => !mayImport(from, to));
  expect(await accepted(forbidden)).toEqual([]);
});

it("oxlint accepts every import that the law allows", async () => {
  const allowed = pairs.filter(({ from, to }) => mayImport(from, to));
  expect(await accepted(allowed)).toEqual(allowed.map(show));
});

it("oxlint finds a cycle", async () => {
  const faults = await lintCopy([
    { path: "trace/one.ts", code: 'export { two } from "./two.js";\nexport const one = 1;\n' },
    { path: "trace/two.ts", code: 'export { one } from "./one.js";\nexport const two = 2;\n' },
  ]);
  expect([...faults].toSorted()).toEqual(["trace/one.ts", "trace/two.ts"]);
});

interface Pair {
  readonly from: Layer;
  readonly to: Layer;
}

/** Those of the pairs whose import oxlint lets pass. */
async function accepted(some: readonly Pair[]): Promise<string[]> {
  const probes = some.map(({ from, to }, n) => probe(from, to, n));
  const faults = await lintCopy(probes);
  return some.filter((_, n) => !faults.has(probes[n]?.path ?? "")).map(show);
}

function show({ from, to }: Pair): string {
  return `${from} → ${to}`;
}

interface Probe {
  /** Path below src. */
  readonly path: string;
  readonly code: string;
}

/** Adds the probes to a copy of src and returns the paths of those that break a rule of imports. */
async function lintCopy(probes: readonly Probe[]): Promise<Set<string>> {
  await using copy = await scratchOutside();
  await cp(join(ROOT, "src"), join(copy.path, "src"), { recursive: true });
  await cp(join(ROOT, ".oxlintrc.json"), join(copy.path, ".oxlintrc.json"));
  for (const { path, code } of probes) await writeFile(join(copy.path, "src", path), code);
  const faults = await importFaults(copy.path);
  return new Set(probes.map(({ path }) => path).filter((path) => faults.has(path)));
}

async function importFaults(cwd: string): Promise<Set<string>> {
  const program = join(ROOT, "node_modules/.bin/oxlint");
  // It ends with an error where it finds something, so only its report counts.
  const { output } = await run(program, ["--format=json", "src"], cwd);
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { code: string; filename: string }[];
  };
  const faults = diagnostics.filter(({ code }) => /no-restricted-imports|no-cycle/.test(code));
  return new Set(faults.map(({ filename }) => posix.relative("src", filename)));
}

/** A new module of one layer that imports a module of another. */
function probe(from: Layer, to: Layer, n: number): Probe {
  const folders: Partial<Record<Layer, string>> = { entry: ".", runtime: "config" };
  const folder = folders[from] ?? from;
  const target = modules.find((module) => layerOf(module) === to);
  if (!target) throw new Error(`src has no module of layer ${to}`);
  const relative = posix.relative(folder, target).replace(/\.ts$/, ".js");
  const specifier = relative.startsWith(".") ? relative : `./${relative}`;
  return { path: posix.join(folder, `probe-${n}.ts`), code: `export * from "${specifier}";\n` };
}
