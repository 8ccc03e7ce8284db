/** The demo's Worker and function, each on its own real runtime on this machine. */
import { createHash } from "node:crypto";
import { type LocalLambda, startLambda } from "edgespan/testing";
import { build } from "esbuild";
import { type TestHarness, createTestHarness } from "wrangler";

export interface Stack extends AsyncDisposable {
  /** Where the Worker listens. */
  readonly url: URL;
  readonly lambda: LocalLambda;
}

/** A request for `/orders` that the Worker accepts: somebody is logged in and orders a book. */
export const ORDER = {
  method: "POST",
  headers: { cookie: "session=demo" },
  body: JSON.stringify({ item: "book" }),
} as const;

/** Starts both; their traces go to the OTLP endpoint that `vars` name. */
export async function startStack(
  vars: Record<string, string>,
  runtimeClient?: string,
): Promise<Stack> {
  const taskRoot = ".cache/demo";
  await build({
    entryPoints: ["handlers/lambda.ts"],
    outfile: `${taskRoot}/lambda.mjs`,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
  });
  const lambda = await startLambda({
    handler: "lambda.handler",
    taskRoot,
    functionName: "orders",
    // Without a type of initialization the first trace has no span of it.
    env: { ...vars, AWS_LAMBDA_INITIALIZATION_TYPE: undefined },
    ...(runtimeClient && { runtimeClient }),
  });
  const orders = await lambda.listen();
  // Keeps the local Worker from asking the network for a sample of `request.cf`.
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  const worker = createTestHarness({
    workers: [{ configPath: "wrangler.toml", vars: { ...vars, ORDERS_URL: orders.url } }],
  });
  const { url } = await worker.listen();
  await seed(worker);
  return {
    url,
    lambda,
    async [Symbol.asyncDispose]() {
      await worker.close();
      await lambda.close();
    },
  };
}

/** What `wrangler.toml` says to run after a deployment: the shop's items, and who is logged in. */
async function seed(harness: TestHarness): Promise<void> {
  await harness.getWorker().applyD1Migrations("SHOP");
  const { SESSIONS } = await harness.getWorker<Seeded>().getEnv();
  await SESSIONS.put(createHash("sha256").update("demo").digest("hex"), "Ada");
}

interface Seeded {
  SESSIONS: { put(key: string, value: string): Promise<void> };
}
