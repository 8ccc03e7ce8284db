/** Where spans go, resolved from options and the `OTEL_EXPORTER_OTLP_*` variables. */
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { type Protocol, json } from "../export/protocol.js";
import type { FetchLike, Headers } from "../send/send.js";
import { isThenable } from "../trace/settle.js";
import { checkedHeaders, checkedUrl } from "./endpoint.js";
import {
  type ReadVariable,
  firstSet,
  readChoice,
  readInteger,
  readNames,
  readPairs,
} from "./environment.js";
import { invalid } from "./error.js";
import type { ExporterName, ExporterOption, Options, OtlpExporterOptions } from "./options.js";

/** One place where spans go. */
export type ExporterConfig = OtlpConfig | SpanExporter | "console" | "otlp/stdout";

/** One OTLP endpoint. */
export interface OtlpConfig {
  readonly url: string;
  readonly headers: Headers | (() => Promise<Headers>);
  readonly timeoutMs: number;
  readonly fetch: FetchLike | undefined;
  readonly protocol: Protocol;
  readonly gzip: boolean;
  readonly maxBodyBytes: number;
}

/** The specification's default; exporters of the SDK are given as long. */
export const DEFAULT_TIMEOUT_MS = 10_000;
/** The Collector answers 400 and not 413 to what is longer than its 20 MiB; others allow 3.2 or 4 MB. */
const DEFAULT_BODY_BYTES = 3_000_000;

/** The variables of OTLP: the one for traces wins over the one for all signals. */
function otlp(name: string): readonly [string, string] {
  return [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`];
}

const EXPORTERS = ["otlp", "otlp/stdout", "console", "none"] as const satisfies ExporterName[];

/**
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options
 */
export function resolveExporters(
  option: Options["exporter"],
  read: ReadVariable,
): ExporterConfig[] {
  const chosen = (
    option === undefined
      ? (readNames(read, EXPORTERS, "otlp", "OTEL_TRACES_EXPORTER", "exporter") as ExporterName[])
      : [option].flat()
  )
    .filter((choice) => choice !== "none")
    .map((choice) => (choice === "otlp" ? {} : choice));
  const several = chosen.filter(isOtlp).length > 1;
  return chosen.map((choice) => (isOtlp(choice) ? resolveOtlp(choice, read, several) : choice));
}

function isOtlp(choice: ExporterOption): choice is OtlpExporterOptions {
  return typeof choice === "object" && !("export" in choice);
}

function resolveOtlp(
  {
    url,
    headers,
    timeoutMs,
    fetch,
    protocol,
    compression,
    maxBodyBytes = DEFAULT_BODY_BYTES,
  }: OtlpExporterOptions,
  read: ReadVariable,
  several: boolean,
): OtlpConfig {
  const chosen = protocol ?? readProtocol(read);
  return {
    url:
      url === undefined
        ? readEndpoint(read, chosen)
        : checkedUrl("exporter.url", url, "https://host/v1/traces"),
    // One of several that has an endpoint of its own gets no other endpoint's credentials.
    headers: mergeHeaders(url && several ? undefined : read, headers),
    // 0 stands for no limit of its own; what the platform leaves limits an export still.
    timeoutMs:
      timeoutMs ?? ((readInteger(read, ...otlp("TIMEOUT")) ?? DEFAULT_TIMEOUT_MS) || Infinity),
    fetch: typeof fetch === "object" ? (target, init) => fetch.fetch(target, init) : fetch,
    protocol: chosen,
    gzip:
      (compression ?? readChoice(read, ["gzip", "none"], "gzip", ...otlp("COMPRESSION"))) ===
      "gzip",
    maxBodyBytes,
  };
}

function mergeHeaders(
  read: ReadVariable | undefined,
  option: OtlpExporterOptions["headers"],
): OtlpConfig["headers"] {
  const known = read && checkedHeaders(...readPairs(read, ...otlp("HEADERS")));
  const merge = (own: Headers | undefined): Headers => ({
    ...known,
    ...checkedHeaders("exporter.headers", own),
  });
  if (typeof option === "function") return async () => merge(await option());
  if (!isThenable(option)) return merge(option);
  // Its failure is told by the export that needs it.
  const asked = Promise.resolve(option);
  asked.catch(() => undefined);
  return async () => merge(await asked);
}

function readProtocol(read: ReadVariable): Protocol {
  const [name = "", value = json.name] = firstSet(read, ...otlp("PROTOCOL")) ?? [];
  if (value === json.name) return json;
  throw invalid(
    name,
    'is not built in; use "http/json", or exporter.protocol with protobuf of "edgespan/protobuf" or, on Node, grpc of "edgespan/grpc"',
    value,
  );
}

function readEndpoint(read: ReadVariable, { name }: Protocol): string {
  const [traces, all] = otlp("ENDPOINT");
  const own = read(traces);
  if (own !== undefined) return checkedUrl(traces, own, "https://host/v1/traces");
  const isGrpc = name === "grpc";
  const base = read(all) ?? `http://localhost:${isGrpc ? 4317 : 4318}`;
  const url = new URL(checkedUrl(all, base, "https://host:4318"));
  // A query stays behind the path: some vendors carry their key there.
  if (!isGrpc) url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url.href;
}
