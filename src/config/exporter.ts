/** Where spans go, resolved from options and the `OTEL_EXPORTER_OTLP_*` variables. */
import { type ReadVariable, firstSet, readInteger, readPairs } from "./environment.js";
import { invalid } from "./error.js";
import type { FetchLike } from "../send/send.js";
import type { ExporterName, Options, OtlpExporterOptions } from "./options.js";
import { isUrl } from "./validate.js";

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

/**
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options
 */
export function resolveExporter(option: Options["exporter"], read: ReadVariable): ExporterConfig {
  const choice = option ?? readExporterName(read);
  if (choice === "console" || choice === "none") return choice;
  const options: OtlpExporterOptions = choice === "otlp" ? {} : choice;
  readProtocol(read);
  return {
    url: options.url ?? readEndpoint(read),
    headers: {
      ...readPairs(read, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"),
      ...options.headers,
    },
    timeoutMs:
      options.timeoutMs ??
      readInteger(read, 1, "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT") ??
      DEFAULT_TIMEOUT_MS,
    fetch: options.fetch,
  };
}

function readExporterName(read: ReadVariable): ExporterName {
  const name = read("OTEL_TRACES_EXPORTER") ?? "otlp";
  if (name === "otlp" || name === "console" || name === "none") return name;
  throw invalid("OTEL_TRACES_EXPORTER", 'must be "otlp", "console" or "none"', name);
}

function readEndpoint(read: ReadVariable): string {
  const traces = read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  if (traces !== undefined) return endpoint("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", traces);
  const base = read("OTEL_EXPORTER_OTLP_ENDPOINT") ?? DEFAULT_ENDPOINT;
  const url = new URL(endpoint("OTEL_EXPORTER_OTLP_ENDPOINT", base));
  // A query stays behind the path: some vendors carry their key there.
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url.href;
}

function endpoint(name: string, value: string): string {
  if (isUrl(value)) return value;
  // The value may hold credentials, so only its beginning is shown.
  throw invalid(name, "must be an absolute URL, e.g. https://host:4318", value.slice(0, 12));
}

function readProtocol(read: ReadVariable): void {
  const found = firstSet(read, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
  if (found && found[1] !== "http/json")
    throw invalid(found[0], 'is not supported; use "http/json"', found[1]);
}
