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
    expect(packages(inputs)).toEqual(["@opentelemetry/api"]);
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

it("a function that Middy's middleware traces has nothing of the wrapper, and the other way round", async () => {
  const MIDDY = `import { tracing } from "edgespan/middy"; export const use = tracing();`;
  const own = ours((await bundle(MIDDY, TOOLS.lambda)).inputs);
  const others = ours((await bundle(MINIMAL.lambda, TOOLS.lambda)).inputs);
  expect(own.filter((path) => !others.includes(path))).toEqual([
    "platform/lambda/middy/request.js",
    "platform/lambda/middy/tracing.js",
  ]);
  expect(others.filter((path) => !own.includes(path))).toEqual([
    "platform/lambda/call.js",
    "platform/lambda/streaming.js",
    "platform/lambda/wrap-handler.js",
  ]);
});

it("the Hono middleware alone brings no platform, no configuration and no exporter", async () => {
  const { inputs } = await bundle(HONO, TOOLS.worker);
  expect(folders(inputs)).toEqual(["hono", "instrument", "trace"]);
  expect(packages(inputs)).toEqual(["hono"]);
});

it("testing brings nothing that traces", async () => {
  const { inputs } = await bundle(TESTING, TOOLS.worker);
  expect(folders(inputs)).toEqual(["testing"]);
  expect(packages(inputs)).toEqual([]);
});

it("a minimal Worker has no package but the API, and nothing of protobuf, gRPC and Node", async () => {
  const { inputs, code } = await bundle(MINIMAL.worker, TOOLS.worker);
  expect(packages(inputs)).toEqual(["@opentelemetry/api"]);
  expect(inputs.filter((path) => /grpc|proto\b|protobuf/.test(path))).toEqual([]);
  expect(new TextDecoder().decode(code)).not.toMatch(/node:http/);
});

it("a minimal function has no package but the API, and nothing of protobuf and gRPC", async () => {
  const { inputs, code } = await bundle(MINIMAL.lambda, TOOLS.lambda);
  expect(packages(inputs)).toEqual(["@opentelemetry/api"]);
  expect(inputs.filter((path) => /grpc|proto\b|protobuf/.test(path))).toEqual([]);
  expect(new TextDecoder().decode(code)).not.toMatch(/node:http2/);
});

/** What each protocol's subpath adds to a bundle. */
const ADDED = {
  protobuf: ["encode/proto.js", "export/http-protobuf.js"],
  grpc: [
    "encode/proto.js",
    "export/over-grpc.js",
    "send/grpc-frame.js",
    "send/grpc-retry-info.js",
    "send/grpc-session.js",
    "send/grpc-status.js",
    "send/via-grpc.js",
  ],
};

it.each([
  ["protobuf", "worker"],
  ["protobuf", "lambda"],
  ["grpc", "lambda"],
] as const)(
  "edgespan/%s adds to a %s bundle its own modules and the protobuf encoder",
  async (name, kind) => {
    const source = `${MINIMAL[kind]}\nexport { ${name} } from "edgespan/${name}";`;
    const least = await bundle(MINIMAL[kind], TOOLS[kind]);
    const { inputs, imports } = await bundle(source, TOOLS[kind]);
    const added = ours(inputs).filter((path) => !ours(least.inputs).includes(path));
    expect(added.toSorted()).toEqual(ADDED[name]);
    expect(packages(inputs)).toEqual(["@opentelemetry/api", "@opentelemetry/otlp-transformer"]);
    expect(
      inputs.filter((path) => /otlp-transformer.*\/(?:logs|metrics|json)\//.test(path)),
    ).toEqual([]);
    // What is left for Node to load is loaded by the first export.
    expect(imports).toEqual(["node:async_hooks"]);
  },
);

/** What is imported, and which modules and packages that alone adds to a Worker. */
const OPTIONAL: Record<string, [source: string, modules: string[], packages: string[]]> = {
  jaeger: [
    `export { jaeger } from "edgespan/propagators";`,
    ["propagate/adopt-parent.js", "propagate/jaeger.js"],
    [],
  ],
  b3: [
    `export { b3 } from "edgespan/propagators";`,
    ["propagate/adopt-parent.js", "propagate/b3.js", "propagate/bounded.js"],
    // The part of @opentelemetry/core that it needs lies inside of it.
    ["@opentelemetry/propagator-b3"],
  ],
  xray: [
    `export { xray } from "edgespan/propagators";`,
    ["propagate/adopt-parent.js", "propagate/bounded.js", "propagate/xray.js"],
    ["@opentelemetry/propagator-aws-xray"],
  ],
  capture: [
    `export { capture } from "edgespan/capture";`,
    ["instrument/capturing.js", "propagate/carriers.js"],
    [],
  ],
  inject: [
    `export { inject } from "edgespan/propagation";`,
    ["propagate/carriers.js", "propagate/carry.js"],
    [],
  ],
};

it.each(Object.entries(OPTIONAL))(
  "who imports %s pays for that and for nothing beside it",
  async (_, [source, modules, added]) => {
    const least = await bundle(MINIMAL.worker, TOOLS.worker);
    const { inputs, gzipBytes } = await bundle(`${MINIMAL.worker}\n${source}`, TOOLS.worker);
    console.log(`${source} adds ${gzipBytes - least.gzipBytes} bytes gzip`);
    const own = ours(inputs).filter((path) => !ours(least.inputs).includes(path));
    expect(own.toSorted()).toEqual(modules);
    expect(packages(inputs)).toEqual(["@opentelemetry/api", ...added]);
  },
);

it.each(["worker", "lambda"] as const)("a %s bundle has one copy of each package", async (kind) => {
  const { inputs } = await bundle(MINIMAL[kind], TOOLS[kind]);
  const homes = inputs.flatMap(
    (path) => /^(.*node_modules\/@[^/]+\/[^/]+)\//.exec(path)?.[1] ?? [],
  );
  const names = [...new Set(homes)].map((home) => home.replace(/^.*node_modules\//, ""));
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
});

/** Paths below dist. */
function ours(inputs: readonly string[]): string[] {
  return inputs.flatMap((path) => /^dist\/(.*)$/.exec(path)?.[1] ?? []);
}

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
