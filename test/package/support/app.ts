/** An application of the install matrix: copied from its template, installed, and run. */
import { copyFile, cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ServedCollector, startLambda } from "edgespan/testing";
import { build } from "esbuild";
import { createTestHarness } from "wrangler";
import { npm } from "./npm.ts";

const TEMPLATES = join(import.meta.dirname, "../apps");

/** Copies a template into `folder`, beside the tarball, and installs it; returns what npm said. */
export async function installApp(
  name: string,
  folder: string,
  tarball: string,
): ReturnType<typeof installTemplate> {
  await copyFile(tarball, join(folder, "edgespan.tgz"));
  return installTemplate(name, folder);
}

/** Copies a template into `folder` and installs it; returns what npm said. */
export async function installTemplate(
  name: string,
  folder: string,
): Promise<{ app: string; ok: boolean; output: string }> {
  const app = join(folder, name);
  await cp(join(TEMPLATES, name), app, { recursive: true });
  const { ok, output } = await npm(["install", "--prefer-offline"], app);
  return { app, ok, output };
}

/**
 * Bundles the app's Worker with wrangler, sends it one request in workerd, returns the answer.
 * The Worker goes on until `exported` resolves: spans leave after the response.
 */
export async function requestWorker(
  app: string,
  { endpoint }: ServedCollector,
  exported: () => Promise<unknown>,
): Promise<string> {
  const vars = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  const harness = createTestHarness({
    workers: [{ configPath: join(app, "wrangler.toml"), vars }],
  });
  try {
    await harness.listen();
    const answer = await (await harness.fetch("/")).text();
    await exported();
    return answer;
  } finally {
    await harness.close();
  }
}

/** Installs a release of Node beside the apps; returns its executable. */
export async function installNode(version: string, folder: string): Promise<string> {
  const home = join(folder, `node-${version}`);
  await mkdir(home);
  const manifest = { private: true, dependencies: { node: version }, allowScripts: { node: true } };
  await writeFile(join(home, "package.json"), JSON.stringify(manifest));
  const { ok, output } = await npm(["install", "--prefer-offline"], home);
  if (!ok) throw new Error(`Node ${version} could not be installed:\n${output}`);
  return join(home, "node_modules/node/bin/node");
}

/** Runs the app's function once as Lambda would, with its packages as npm installed them. */
export async function invokeLambda(
  app: string,
  { endpoint }: ServedCollector,
  nodePath: string = process.execPath,
): Promise<unknown> {
  await build({
    entryPoints: [join(app, "lambda.ts")],
    outfile: join(app, "lambda.mjs"),
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
  });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, AWS_LAMBDA_INITIALIZATION_TYPE: undefined };
  await using lambda = await startLambda({
    handler: "lambda.handler",
    taskRoot: app,
    env,
    nodePath,
  });
  const outcome = await lambda.invoke({});
  await lambda.idle();
  return outcome.status === "success" ? outcome.payload : outcome;
}
