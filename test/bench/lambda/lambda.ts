/**
 * Prints what tracing costs a Lambda function, beside other libraries in one run: each is
 * bundled and minified, and measured in fresh processes by turns, against a backend on this
 * machine that answers at once.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Bundle, OUT, PEERS, bundle } from "./bundle.ts";
import { type Invoked, invoke, median } from "./invoked.ts";
import { type Loaded, load } from "./loaded.ts";
import { type LambdaSubject, SUBJECTS } from "./subjects.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 15);

type Measured = Loaded & Invoked;

/** Third-party packages that only this needs. */
function installPeers(): boolean {
  if (existsSync(join(PEERS, "node_modules"))) return true;
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: PEERS });
  if (status !== 0) console.log("The peers could not be installed, so that they are left out.");
  return status === 0;
}

/** A backend that answers at once, and counts by the first part of the path. */
async function startBackend(posts: Map<string, number>): Promise<string> {
  const backend = createServer((request, response) => {
    const [, subject = ""] = (request.url ?? "").split("/");
    request.resume().on("end", () => {
      posts.set(subject, (posts.get(subject) ?? 0) + 1);
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  backend.unref();
  return `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
}

async function measure(bundled: Bundle, endpoint: string): Promise<Measured> {
  const env = {
    NODE_ENV: "production",
    AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:9",
    AWS_XRAY_LOG_LEVEL: "silent",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
  };
  // What is loaded only would otherwise be counted among the invocations' exports.
  const loaded = await load(bundled, { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}-loaded` });
  return {
    ...loaded,
    ...(await invoke(bundled, { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })),
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

async function main(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const hasPeers = installPeers();
  const posts = new Map<string, number>();
  const endpoint = await startBackend(posts);
  const subjects: [string, LambdaSubject][] = Object.entries(SUBJECTS).filter(
    ([, { isPeer }]) => hasPeers || !isPeer,
  );
  const bundles = new Map<string, Bundle>();
  for (const [name, subject] of subjects) bundles.set(name, await bundle(name, subject));
  const measured = new Map<string, Measured[]>(subjects.map(([name]) => [name, []]));
  for (let turn = 0; turn < ROUNDS; turn++)
    for (const [at, [name]] of subjects.entries())
      measured.get(name)?.push(await measure(bundles.get(name) as Bundle, `${endpoint}/${at}`));

  const of = (name: string, key: keyof Measured): number =>
    median((measured.get(name) ?? []).map((one) => one[key]));
  const over = (name: string, key: keyof Measured): string =>
    `${round(of(name, key))} (+${round(of(name, key) - of("bare", key))})`;
  console.log(`\nmedians of ${ROUNDS} processes; in brackets over bare`);
  console.table(
    Object.fromEntries(
      subjects.map(([name], at) => [
        name,
        {
          "load ms": over(name, "loadMs"),
          "init ms": over(name, "initMs"),
          "first call ms": over(name, "firstMs"),
          "warm call ms": over(name, "warmMs"),
          "RSS MB": round(of(name, "rssMb")),
          bytes: bundles.get(name)?.bytes,
          gzip: bundles.get(name)?.gzip,
          "OTLP exports a sandbox": round((posts.get(String(at)) ?? 0) / ROUNDS),
        },
      ]),
    ),
  );
}

await main();
