import { expect, it } from "vitest";
import { bundle, MINIMAL, TOOLS } from "./support/bundle.ts";

const HONO = `import { tracing } from "edgespan/hono"; export const middleware = tracing();`;
const SPAN = `import { span } from "edgespan"; export const run = () => span("work", () => 1);`;
const TESTING = `import { createCollector } from "edgespan/testing"; export const c = createCollector();`;

it.each(["worker", "lambda"] as const)(
  "importing only `span` into a %s bundle brings neither configuration, export nor a platform",
  async (platform) => {
    const { inputs } = await bundle(SPAN, TOOLS[platform]);
    expect(folders(inputs)).toEqual(["trace"]);
    const small = /^@opentelemetry\/(?:api|core)$/;
    expect(packages(inputs).filter((name) => !small.test(name))).toEqual([]);
  },
);

it("a Worker's bundle has nothing of Lambda, of node:http and of testing", async () => {
  const { inputs } = await bundle(MINIMAL.worker, TOOLS.worker);
  expect(folders(inputs).filter((folder) => folder.startsWith("platform"))).toEqual([
    "platform/worker",
  ]);
  expect(inputs.filter((path) => /testing|hono|via-node-http|lambda/.test(path))).toEqual([]);
});

it("a function's bundle has nothing of Workers and of testing", async () => {
  const { inputs } = await bundle(MINIMAL.lambda, TOOLS.lambda);
  expect(folders(inputs).filter((folder) => folder.startsWith("platform"))).toEqual([
    "platform/lambda",
  ]);
  expect(inputs.filter((path) => /testing|hono|worker/.test(path))).toEqual([]);
});

it("the Hono middleware alone brings no platform, no configuration and no exporter", async () => {
  const { inputs } = await bundle(HONO, TOOLS.worker);
  expect(folders(inputs)).toEqual(["hono", "instrument", "trace"]);
  expect(packages(inputs)).not.toContain("@opentelemetry/otlp-transformer");
});

it("testing brings nothing that traces", async () => {
  const { inputs } = await bundle(TESTING, TOOLS.worker);
  expect(folders(inputs)).toEqual(["testing"]);
  expect(packages(inputs)).toEqual([]);
});

it("the JSON serializer comes without the protobuf one, and without logs and metrics", async () => {
  const { inputs } = await bundle(MINIMAL.worker, TOOLS.worker);
  expect(inputs.filter((path) => /protobuf|sdk-logs|sdk-metrics/.test(path))).toEqual([]);
});

it.each(["worker", "lambda"] as const)("a %s bundle has one copy of each package", async (kind) => {
  const { inputs } = await bundle(MINIMAL[kind], TOOLS[kind]);
  const homes = inputs.flatMap(
    (path) => /^(.*node_modules\/@[^/]+\/[^/]+)\//.exec(path)?.[1] ?? [],
  );
  const names = [...new Set(homes)].map((home) => home.replace(/^.*node_modules\//, ""));
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
});

/** The folders of dist that left something in a bundle; a file at its top counts as one. */
function folders(inputs: readonly string[]): string[] {
  const found = inputs.flatMap((path) => /^dist\/(platform\/[^/]+|[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(found)].toSorted();
}

function packages(inputs: readonly string[]): string[] {
  const found = inputs.flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(found)].toSorted();
}
