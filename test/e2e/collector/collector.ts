/** A Collector of a test's own, on free loopback ports. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildCollector } from "./build.ts";
import { type CollectorProcess, type Endpoints, startProcess } from "./process.ts";
import { freePort } from "./ports.ts";
import { type ReceivedSpan, readSpans } from "./received.ts";

export interface Collector extends Endpoints, AsyncDisposable {
  /** Every span received so far, in order of arrival, over all restarts. Ask before `stop()`. */
  spans(): Promise<ReceivedSpan[]>;
  /** The ids of those spans, sorted: one that was received twice is there twice. */
  spanIds(): Promise<string[]>;
  /** Resolves with all spans once there are `count` or more; rejects with the log. */
  waitForSpans(count: number, withinMs?: number): Promise<ReceivedSpan[]>;
  /** What the Collector printed since its last start, each received batch in full among it. */
  log(): string;
  /** Ends the process, by default as a crash does. Whatever it has acknowledged is in its files. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Starts it again on the same ports, once it was killed. */
  restart(): Promise<void>;
  /** Ends the process and deletes its files; a second call changes nothing. */
  stop(): Promise<void>;
}

interface Ports {
  readonly http: number;
  readonly grpc: number;
}

/**
 * Starts a Collector of the caller's own, on free loopback ports, ready for spans.
 * @param processors those that spans pass, in this order
 */
export async function startCollector(
  processors: Readonly<Record<string, object>> = {},
): Promise<Collector> {
  const build = await buildCollector();
  if (build.kind === "unavailable") throw new Error(`no Collector to start: ${build.reason}`);
  const folder = await mkdtemp(join(tmpdir(), "edgespan-collector-"));
  const outputs: string[] = [];
  let running: CollectorProcess | undefined;
  const ports = { http: await freePort(), grpc: await freePort() };
  const start = async (): Promise<Endpoints> => {
    // A file for each start: a crash may leave half a line at the end of one.
    const output = join(folder, `traces-${outputs.length}.jsonl`);
    outputs.push(output);
    const config = join(folder, "config.json");
    await writeFile(config, JSON.stringify(configuration(output, ports, processors)));
    return (running = await startProcess(build.binary, config));
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (running?.end("SIGTERM") ?? Promise.resolve()).then(() =>
      rm(folder, { recursive: true, force: true }),
    ));
  const spans = async (): Promise<ReceivedSpan[]> =>
    (await Promise.all(outputs.map(readSpans))).flat();
  const log = (): string => running?.log() ?? "";
  try {
    const { httpEndpoint, grpcEndpoint } = await start();
    return {
      httpEndpoint,
      grpcEndpoint,
      spans,
      spanIds: async () => (await spans()).map(({ spanId }) => spanId).toSorted(),
      waitForSpans: waiting({ spans, log }),
      log,
      kill: async (signal = "SIGKILL") => running?.end(signal),
      restart: async () => void (await start()),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** JSON is YAML. */
function configuration(output: string, { http, grpc }: Ports, processors: object): object {
  const protocols = {
    http: { endpoint: `127.0.0.1:${http}` },
    grpc: { endpoint: `127.0.0.1:${grpc}` },
  };
  return {
    receivers: { otlp: { protocols } },
    processors,
    exporters: {
      // A file that may be rotated is written to directly, all others through a buffer that a
      // crash loses. No queue lies between: what is acknowledged is in the file.
      file: { path: output, rotation: { max_megabytes: 1_000 } },
      debug: { verbosity: "detailed", use_internal_logger: false },
    },
    service: {
      telemetry: { metrics: { level: "none" }, logs: { encoding: "json" } },
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: Object.keys(processors),
          exporters: ["file", "debug"],
        },
      },
    },
  };
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
