/** The options of `instrument()` and `wrapHandler()`. */
import type { Attributes, TextMapPropagator } from "@opentelemetry/api";
import type { IdGenerator, Sampler, SpanLimits, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { FetchLike } from "../send/send.js";
import type { Clock, UrlFilter } from "../trace/tracing.js";

/** Options of an instrumented handler; what they set wins over `OTEL_*`, which wins over defaults. */
export interface Options {
  /** Service name, or name, namespace and version. Default `OTEL_SERVICE_NAME`. */
  service?: string | ServiceOptions;
  /** Further resource attributes, over those of `OTEL_RESOURCE_ATTRIBUTES` and the platform. */
  resource?: Attributes;
  /** Where spans go: an OTLP/HTTP endpoint, `"console"` or `"none"`. Default `OTEL_TRACES_EXPORTER`, else OTLP. */
  exporter?: OtlpExporterOptions | ExporterName;
  sampling?: SamplingOptions;
  /** How context travels, in order. Default `OTEL_PROPAGATORS`, else W3C trace context and baggage. */
  propagators?: readonly TextMapPropagator[];
  instrument?: InstrumentOptions;
  /** Limits of a span; names and defaults of the OpenTelemetry SDK (128 each, values unlimited). */
  limits?: SpanLimits;
  /** SDK span processors that see every span beside the built-in export. */
  spanProcessors?: readonly SpanProcessor[];
  /** Turns tracing off. Default `OTEL_SDK_DISABLED`. */
  disabled?: boolean;
  /**
   * Whether wrong configuration throws (`true`) or warns once and turns tracing off
   * (`false`). Default: throws in tests and local development, warns where deployed.
   */
  strict?: boolean;
  /** Replaces the clock, for tests. */
  clock?: Clock;
  /** Replaces the source of trace and span ids, for tests. */
  ids?: IdGenerator;
}

export type ExporterName = "otlp" | "console" | "none";

export interface ServiceOptions {
  name?: string;
  namespace?: string;
  version?: string;
}

export interface OtlpExporterOptions {
  /** Full URL of the traces endpoint, e.g. `https://host/v1/traces`. Default from `OTEL_EXPORTER_OTLP_*`. */
  url?: string;
  /** Headers of each export, e.g. an API key. Default `OTEL_EXPORTER_OTLP_HEADERS`. */
  headers?: Readonly<Record<string, string>>;
  /** Longest time for one export in milliseconds. Default `OTEL_EXPORTER_OTLP_TIMEOUT`, else 10,000. */
  timeoutMs?: number;
  /** Sends exports instead of the platform's own transport, e.g. a service binding's `fetch`. */
  fetch?: FetchLike;
}

export interface SamplingOptions {
  /** Decides at the start of an invocation. Default `OTEL_TRACES_SAMPLER`, else parent-based always on. */
  head?: Sampler;
}

export interface InstrumentOptions {
  /** Whether outgoing `fetch` calls become spans and carry context. Default `true`. */
  fetch?: boolean | FetchOptions;
}

export interface FetchOptions {
  /**
   * Which requests carry `traceparent` and `baggage`: a list of origins and patterns that
   * the URL is matched with, or a function of the URL. Default: all.
   */
  propagateTo?: readonly (string | RegExp)[] | UrlFilter;
}
