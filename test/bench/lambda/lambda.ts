/**
 * Prints what tracing costs a Lambda function, beside other libraries in one run: each is
 * bundled and minified, and measured in fresh processes by turns, against a backend on this
 * machine that answers at once.
 */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { gzipBytes } from "../minimal.ts";
import { type LambdaSubject, SUBJECTS } from "./subjects.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 15);
const HERE = import.meta.dirname;
const PEERS = join(HERE, "peers");
const OUT = join(process.cwd(), ".cache/bench/lambda");

interface Bundle {
  readonly file: string;
  readonly before: string | undefined;
  readonly bytes: number;
  readonly gzip: number;
}

interface Measured {
  readonly load: number;
  readonly first: number;
  readonly warm: number;
  readonly rss: number;
}

async function bundle(name: string, subject: LambdaSubject): Promise<Bundle> {
  const { code, before, isPeer, build: options } = subject;
  const extension = options?.format === "cjs" ? "cjs" : "mjs";
  const stem = name.replace(/\W+/g, "-");
  let bytes = 0;
  let gzip = 0;
  const write = async (contents: string, file: string): Promise<string> => {
    const { outputFiles = [] } = await build({
      stdin: { contents, resolveDir: isPeer ? PEERS : HERE },
      bundle: true,
      minify: true,
      write: false,
      platform: "node",
      target: "node22",
      format: "esm",
      // Of CommonJS dependencies, which look for it.
      banner: {
        js:
          extension === "mjs"
            ? 'import { createRequire as cR } from "node:module"; const require = cR(import.meta.url);'
            : "",
      },
      logLevel: "error",
      ...options,
    });
    const [output] = outputFiles;
    if (!output) throw new Error(`esbuild wrote nothing for ${name}`);
    bytes += output.contents.length;
    gzip += gzipBytes(output.contents);
    const path = join(OUT, file);
    writeFileSync(path, output.contents);
    return path;
  };
  return {
    before: before && (await write(before, `${stem}-before.${extension}`)),
    file: await write(code, `${stem}.${extension}`),
    bytes,
    gzip,
  };
}

async function measure({ file, before = "" }: Bundle, endpoint: string): Promise<Measured> {
  const args = [join(HERE, "measure.mjs"), file, before];
  // Not synchronously: the backend answers in this process.
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: {
      ...process.env,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: "bench",
      AWS_REGION: "eu-west-1",
      AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:9",
      AWS_XRAY_LOG_LEVEL: "silent",
      LAMBDA_TASK_ROOT: OUT,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
      NODE_ENV: "production",
      _HANDLER: `${file
        .split("/")
        .pop()
        ?.replace(/\.\w+$/, "")}.handler`,
      _X_AMZN_TRACE_ID:
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    },
  });
  return JSON.parse(stdout.trim().split("\n").pop() ?? "") as Measured;
}

/** Of a third-party package that only this needs. */
function installPeers(): boolean {
  if (existsSync(join(PEERS, "node_modules"))) return true;
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: PEERS });
  if (status !== 0) console.log("The peers could not be installed, so that they are left out.");
  return status === 0;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

const round = (value: number): number => Math.round(value * 100) / 100;

async function main(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const hasPeers = installPeers();
  const posts = new Map<string, number>();
  const backend = createServer((request, response) => {
    const [, subject = ""] = (request.url ?? "").split("/");
    posts.set(subject, (posts.get(subject) ?? 0) + 1);
    request.resume().on("end", () => response.end("{}"));
  });
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  backend.unref();
  const endpoint = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const names = Object.keys(SUBJECTS).filter((name) => hasPeers || !SUBJECTS[name]?.isPeer);
  const bundles = new Map<string, Bundle>();
  for (const name of names) bundles.set(name, await bundle(name, SUBJECTS[name] as LambdaSubject));
  const measured = new Map<string, Measured[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < ROUNDS; turn++)
    for (const [at, name] of names.entries())
      measured.get(name)?.push(await measure(bundles.get(name) as Bundle, `${endpoint}/${at}`));
  const of = (name: string, key: keyof Measured): number =>
    median((measured.get(name) ?? []).map((one) => one[key]));
  console.table(
    Object.fromEntries(
      names.map((name, at) => [
        name,
        {
          "load ms": round(of(name, "load")),
          "over bare": round(of(name, "load") - of("bare", "load")),
          "first call ms": round(of(name, "first")),
          "first over bare": round(of(name, "first") - of("bare", "first")),
          "warm ms": round(of(name, "warm")),
          "RSS MB": round(of(name, "rss")),
          bytes: bundles.get(name)?.bytes,
          gzip: bundles.get(name)?.gzip,
          "OTLP exports a process": round((posts.get(String(at)) ?? 0) / ROUNDS),
        },
      ]),
    ),
  );
}

await main();
