/** What each sampler adds to the handlers that name it, and to no others. */
import { expect, it, test } from "vitest";
import { MINIMAL, TOOLS, bundle } from "./support/bundle.ts";

/** The tail sampler has all conditions of the rules, and rules of its own. */
const LIMIT_BYTES = {
  always: 1_000,
  never: 1_000,
  probability: 1_000,
  rateLimited: 1_000,
  rules: 1_024,
  tail: 1_350,
};

/** How each is written into a handler's options; the tail sampler is no head sampler. */
const SAMPLERS = {
  always: "head: always",
  never: "head: never",
  probability: "head: probability(0.1)",
  rateLimited: "head: rateLimited(10)",
  rules: 'head: rules([{ route: "/health", sampler: never }])',
  tail: "tail: tail([{ errors: true }, { ratio: 0.1 }])",
} as const;

const HANDLERS = {
  worker: 'instrument({ async fetch() { return new Response("hello"); } }',
  lambda: 'wrapHandler(async () => "hello"',
} as const;

/** The minimal handler with a sampler in its options. */
function sampled(kind: keyof typeof HANDLERS, name: keyof typeof SAMPLERS): string {
  const names = name === "rules" ? "never, rules" : name;
  const handler = HANDLERS[kind];
  const source = MINIMAL[kind].replace(handler, `${handler}, { sampling: { ${SAMPLERS[name]} } }`);
  return `import { ${names} } from "edgespan/sampling";\n${source}`;
}

const names = Object.keys(SAMPLERS) as (keyof typeof SAMPLERS)[];

test.each(
  names.flatMap((name) => (["worker", "lambda"] as const).map((kind) => [name, kind] as const)),
)("%s adds to a %s no more bytes gzip than it may", async (name, kind) => {
  const least = await bundle(MINIMAL[kind], TOOLS[kind]);
  const more = await bundle(sampled(kind, name), TOOLS[kind]);
  const added = more.gzipBytes - least.gzipBytes;
  console.log(`${name} in a ${kind}: ${added} bytes gzip`);
  expect(more.inputs.length).toBeGreaterThan(least.inputs.length);
  expect(added).toBeLessThanOrEqual(LIMIT_BYTES[name]);
});

it("none of them is in a bundle that names none", async () => {
  for (const kind of ["worker", "lambda"] as const) {
    const { inputs } = await bundle(MINIMAL[kind], TOOLS[kind]);
    expect(inputs.filter((path) => path.includes("/sample/"))).toEqual(["dist/sample/head.js"]);
  }
});

it("a sampler alone brings nothing that traces, configures or exports", async () => {
  const { inputs, gzipBytes } = await bundle(
    'export { rules } from "edgespan/sampling";',
    TOOLS.worker,
  );
  const folders = inputs.flatMap((path) => /^dist\/([^/]+)\//.exec(path)?.[1] ?? []);
  expect([...new Set(folders)].toSorted()).toEqual(["sample", "trace"]);
  expect(gzipBytes).toBeLessThan(6_000);
});
