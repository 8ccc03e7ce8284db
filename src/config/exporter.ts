/** Where spans go, resolved from options and the `OTEL_EXPORTER_OTLP_*` variables. */
import { type ReadVariable, firstSet, readInteger, readPairs } from "./environment.js";
import { checkedHeaders, checkedUrl } from "./endpoint.js";
import { invalid } from "./error.js";
import type { FetchLike } from "../send/send.js";
import type { ExporterName, Options, OtlpExporterOptions } from "./options.js";

export type ExporterConfig = OtlpDestination | "console" | "none";

/** One OTLP/HTTP endpoint. */
export interface OtlpDestination {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly fetch: FetchLike | undefined;
}

/** The endpoint that the specification names where none is configured. */
const DEFAULT_ENDPOINT = "http://localhost:4318";
const DEFAULT_TIMEOUT_MS = 10_000;

const HEADERS = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
const TIMEOUTS = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
const PROTOCOLS = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];

/**
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options
 */
export function resolveExporter(option: Options["exporter"], read: ReadVariable): ExporterConfig {
  const choice = option ?? readExporterName(read);
  if (choice === "console" || choice === "none") return choice;
  const { url, headers, timeoutMs, fetch }: OtlpExporterOptions = choice === "otlp" ? {} : choice;
  const [headersName = ""] = firstSet(read, ...HEADERS) ?? [];
  return {
    url:
      url === undefined
        ? readEndpoint(read)
        : checkedUrl("exporter.url", url, "https://host/v1/traces"),
    headers: {
      ...checkedHeaders(headersName, readPairs(read, ...HEADERS)),
      ...checkedHeaders("exporter.headers", headers),
    },
    // 0 stands for no limit of its own; what the platform leaves limits an export still.
    timeoutMs: timeoutMs ?? ((readInteger(read, ...TIMEOUTS) ?? DEFAULT_TIMEOUT_MS) || Infinity),
    fetch,
  };
}

function readExporterName(read: ReadVariable): ExporterName {
  const name = read("OTEL_TRACES_EXPORTER") ?? "otlp";
  if (name === "otlp" || name === "console" || name === "none") return name;
  throw invalid("OTEL_TRACES_EXPORTER", 'must be "otlp", "console" or "none"', name);
}

function readEndpoint(read: ReadVariable): string {
  const [protocolName = "", protocol = "http/json"] = firstSet(read, ...PROTOCOLS) ?? [];
  if (protocol !== "http/json")
    throw invalid(protocolName, 'is not supported; use "http/json"', protocol);
  const traces = read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  if (traces !== undefined)
    return checkedUrl("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", traces, "https://host/v1/traces");
  const base = read("OTEL_EXPORTER_OTLP_ENDPOINT") ?? DEFAULT_ENDPOINT;
  const url = new URL(checkedUrl("OTEL_EXPORTER_OTLP_ENDPOINT", base, "https://host:4318"));
  // A query stays behind the path: some vendors carry their key there.
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url.href;
}
