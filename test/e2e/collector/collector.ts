import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildCollector } from "./build.ts";
import { type ReceivedSpan, readSpans } from "./received.ts";

export interface Collector extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without `/v1/traces`. */
  readonly httpEndpoint: string;
  /** `http://127.0.0.1:port`, plaintext HTTP/2. */
  readonly grpcEndpoint: string;
  /** Every span received so far, in order of arrival. Ask before `stop()`. */
  spans(): Promise<ReceivedSpan[]>;
  /** Resolves with all spans once there are `count` or more; rejects with the log. */
  waitForSpans(count: number, withinMs?: number): Promise<ReceivedSpan[]>;
  /** What the Collector printed, each received batch in full among it. */
  log(): string;
  /** Ends the process and deletes its files; a second call changes nothing. */
  stop(): Promise<void>;
}

/** Starts a Collector of the caller's own, on free loopback ports, ready for spans. */
export async function startCollector(): Promise<Collector> {
  const build = await buildCollector();
  if (build.kind === "unavailable") throw new Error(`no Collector to start: ${build.reason}`);
  const folder = await mkdtemp(join(tmpdir(), "edgespan-collector-"));
  const output = join(folder, "traces.jsonl");
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(configuration(output)));
  // An empty environment: no OTEL_* and no proxy of the developer's reaches it.
  const child = spawn(build.binary, ["--config", config], { env: {} });
  const killWithParent = () => child.kill("SIGKILL");
  process.once("exit", killWithParent);
  const log = logOf(child);
  let stopping: Promise<void> | undefined;
  const stop = () =>
    (stopping ??= terminate(child).then(() => {
      process.off("exit", killWithParent);
      return rm(folder, { recursive: true, force: true });
    }));
  const spans = () => readSpans(output);
  try {
    const endpoints = await ready(child, log);
    const waitForSpans = waiting({ spans, log });
    return { ...endpoints, spans, waitForSpans, log, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** JSON is YAML. Port 0, since a port chosen here could be taken before the child binds it. */
function configuration(output: string): object {
  const endpoint = "127.0.0.1:0";
  return {
    receivers: { otlp: { protocols: { http: { endpoint }, grpc: { endpoint } } } },
    exporters: {
      file: { path: output, flush_interval: "10ms" },
      debug: { verbosity: "detailed", use_internal_logger: false },
    },
    service: {
      telemetry: { metrics: { level: "none" }, logs: { encoding: "json" } },
      pipelines: { traces: { receivers: ["otlp"], exporters: ["file", "debug"] } },
    },
  };
}

function logOf(child: ChildProcess): () => string {
  let text = "";
  const append = (chunk: unknown) => (text += String(chunk));
  child.stdout?.setEncoding("utf8").on("data", append);
  child.stderr?.setEncoding("utf8").on("data", append);
  child.once("error", append);
  return () => text;
}

async function ready(child: ChildProcess, log: () => string) {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const http = boundEndpoint("HTTP", log());
    const grpc = boundEndpoint("GRPC", log());
    if (http && grpc && (await answers(http))) return { httpEndpoint: http, grpcEndpoint: grpc };
    // Asleep first, for a failure to spawn reports itself only on a later tick.
    await sleep(10);
    if (hasEnded(child)) break;
  }
  throw new Error(`the Collector did not start; its log says why:\n${log()}`);
}

/** The receiver logs the address it bound, so port 0 costs no guess. */
function boundEndpoint(protocol: "HTTP" | "GRPC", log: string): string | undefined {
  const line = new RegExp(`"Starting ${protocol} server".*"endpoint":"([^"]+)"`).exec(log);
  return line === null ? undefined : `http://${line[1]}`;
}

/** An export of nothing: answered, and dropped before it reaches any exporter. */
async function answers(endpoint: string): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  const request = fetch(`${endpoint}/v1/traces`, { method: "POST", headers, body: "{}" });
  return (await request.catch(() => undefined))?.ok ?? false;
}

function waiting({ spans, log }: Pick<Collector, "spans" | "log">): Collector["waitForSpans"] {
  return async (count, withinMs = 5_000) => {
    const deadline = performance.now() + withinMs;
    let received = await spans();
    while (received.length < count && performance.now() < deadline) {
      await sleep(20);
      received = await spans();
    }
    if (received.length >= count) return received;
    const tally = `${received.length} of ${count} spans within ${withinMs} ms`;
    throw new Error(`the Collector received ${tally}; its log:\n${log()}`);
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function terminate(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
}
