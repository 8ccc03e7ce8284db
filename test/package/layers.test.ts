import { expect, it } from "vitest";
import { layerOf, mayImport } from "./support/layers.ts";
import { entries } from "./support/manifest.ts";
import { type Import, imports, modules } from "./support/source.ts";

const ours = imports().filter((one) => one.ours);

it("imports run one way: entry, platform, runtime, steps, trace", () => {
  const wrong = ours.filter(({ from, to }) => !mayImport(layerOf(from), layerOf(to)));
  expect(wrong.map(show)).toEqual([]);
});

it("no module imports itself over others", () => {
  expect(modules.filter((module) => reachable([module]).has(module))).toEqual([]);
});

it("every module is reached from a published entry", () => {
  const files = entries.map(({ file }) => `${file}.ts`);
  const reached = reachable(files);
  // The local Lambda runtime starts its client as a program of its own, by path.
  const started = ["testing/lambda/bootstrap.ts"];
  const dead = modules.filter((module) => ![...files, ...started].includes(module));
  expect(dead.filter((module) => !reached.has(module))).toEqual([]);
});

it("an entry sees one platform at most, and `edgespan` itself sees none", () => {
  const platforms = ["platform/worker", "platform/lambda", "hono", "testing"];
  const seen = entries.map(({ file }) => {
    const layers = [...reachable([`${file}.ts`])].map(layerOf);
    return [file, platforms.filter((platform) => layers.some((layer) => layer === platform))];
  });
  expect(seen.filter(([, found = []]) => found.length > 1)).toEqual([]);
  expect(seen).toContainEqual(["index", []]);
});

/** The modules that importing `starts` brings along. */
function reachable(starts: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (module: string): void => {
    for (const { from, to } of ours) {
      if (from !== module || found.has(to)) continue;
      found.add(to);
      visit(to);
    }
  };
  starts.forEach(visit);
  return found;
}

function show({ from, to }: Import): string {
  return `${from} → ${to}`;
}
