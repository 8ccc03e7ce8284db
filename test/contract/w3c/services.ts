/** The services of `handlers/` that the W3C's recommendations are demanded of. */
import { rm } from "node:fs/promises";
import { startLambda } from "edgespan/testing";
import { build } from "esbuild";
import { createTestHarness } from "wrangler";

export interface Service {
  readonly url: string;
  close(): Promise<void>;
}

export type Start = (variables: Record<string, string>) => Promise<Service>;

const startWorker: Start = async (vars) => {
  const worker = createTestHarness({ workers: [{ configPath: "wrangler.toml", vars }] });
  const { url } = await worker.listen();
  return { url: url.origin, close: () => worker.close() };
};

const startFunction: Start = async (env) => {
  const taskRoot = `.cache/trace-context/${crypto.randomUUID()}`;
  await build({
    entryPoints: ["handlers/trace-context-lambda.ts"],
    outfile: `${taskRoot}/index.mjs`,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const lambda = await startLambda({ handler: "index.handler", taskRoot, env });
  const { url } = await lambda.listen();
  const close = async (): Promise<void> => {
    await lambda.close();
    await rm(taskRoot, { recursive: true, force: true });
  };
  return { url, close };
};

export const SERVICES: readonly (readonly [name: string, start: Start])[] = [
  ["a Worker in workerd", startWorker],
  ["a function on Lambda's HTTP", startFunction],
];
