/** What one attempt to hand a batch over is, for each kind of exporter. */
import type { ExporterConfig, OtlpConfig } from "../config/exporter.js";
import type { Attempt } from "../send/attempt.js";
import type { Endpoint, Headers, Transport } from "../send/send.js";
import { viaExporter } from "../send/via-exporter.js";
import { viaFetch } from "../send/via-fetch.js";
import { quietly } from "../trace/quietly.js";
import { type Report, printable } from "../trace/report.js";
import type { DestinationStats } from "../trace/stats.js";
import { VERSION } from "../version.js";
import type { Payloads } from "./payload.js";
import { json } from "./protocol.js";

/** What a platform has for exports. */
export interface Outlets {
  readonly transport: Transport;
  /** Writes a line to the standard output. */
  readonly print: (line: string) => void;
}

export interface AttemptOptions {
  readonly outlets: Outlets;
  readonly payloads: Payloads;
  readonly counters: DestinationStats;
  readonly report: Report;
}

export function createAttempt(config: ExporterConfig, options: AttemptOptions): Attempt {
  if (typeof config === "string") return toStandardOutput(config, options);
  if ("export" in config) return viaExporter(config);
  return toOtlp(config, options);
}

function toOtlp(
  config: OtlpConfig,
  { outlets, payloads, counters, report }: AttemptOptions,
): Attempt {
  const { url, headers, protocol, gzip, maxBodyBytes, fetch } = config;
  let known: Headers | undefined;
  const endpoint: Endpoint = {
    url,
    async headers() {
      // Those that have to be asked for are asked for once.
      return (known ??= {
        "user-agent": `edgespan/${VERSION}`,
        ...(typeof headers === "function" ? await headers() : headers),
        "content-type": protocol.contentType,
      });
    },
  };
  const send =
    protocol.transport?.(endpoint) ??
    (fetch ? viaFetch(endpoint, fetch) : outlets.transport(endpoint));
  return async (batch, budgetMs) => {
    const payload = await payloads(batch, protocol, gzip);
    if (payload.size > maxBodyBytes)
      return { status: "tooLarge", reason: `more than ${maxBodyBytes} bytes` };
    counters.posts++;
    counters.bytes += payload.bytes.length;
    const result = await send(payload, budgetMs);
    if (result.status !== "delivered" || !result.body?.length) return result;
    const { body } = result;
    // What cannot be read says nothing; the status said that the spans were taken.
    const { rejectedSpans, errorMessage } = quietly(() => protocol.partialSuccess(body)) ?? {};
    const rejected = Math.min(Math.max(0, Math.trunc(Number(rejectedSpans)) || 0), batch.length);
    const reason = errorMessage ? printable(errorMessage).slice(0, 200) : "no reason was given";
    if (errorMessage && !rejected) report(`${counters.name} says: ${reason}`);
    return { status: "delivered", rejectedSpans: rejected, reason };
  };
}

/** Longer lines are cut by log services: CloudWatch's limit is 256 KB. */
const LINE_LENGTH = 200_000;

/** One line of JSON: a span for `console`, a whole request for `otlp/stdout`. */
function toStandardOutput(
  name: "console" | "otlp/stdout",
  { outlets, counters }: AttemptOptions,
): Attempt {
  return async (batch) => {
    const lines =
      name === "console"
        ? batch.map((span) => {
            const { startTime, endTime, duration } = span;
            return JSON.stringify({ ...span.spanContext(), ...span, startTime, endTime, duration });
          })
        : [new TextDecoder().decode(json.encode(batch))];
    const size = lines.join().length;
    if (size > LINE_LENGTH && batch.length > 1) return { status: "tooLarge", reason: "the line" };
    counters.posts++;
    counters.bytes += size;
    for (const line of lines) outlets.print(line);
    return { status: "delivered" };
  };
}
