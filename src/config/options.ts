/** The options of `instrument()` and `wrapHandler()`. */
import type { Attributes } from "@opentelemetry/api";
import type { IdGenerator, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Protocol } from "../export/protocol.js";
import type { FetchLike, Headers } from "../send/send.js";
import type { Capture } from "../trace/capturing.js";
import type { Clock, HeadSampler, Limits, RedactableSpan, TailSampler } from "../trace/tracing.js";
import type { Propagators, Trust } from "./context-options.js";
import type { InstrumentOptions } from "./instrument-options.js";

/**
 * Options of an instrumented handler; what they set wins over `OTEL_*`, which wins over defaults.
 * What is undefined is not set.
 */
export interface Options {
  /** Service name, or name, namespace and version. Default `OTEL_SERVICE_NAME`. */
  service?: string | ServiceOptions | undefined;
  /** Further resource attributes, over those of `OTEL_RESOURCE_ATTRIBUTES` and the platform. */
  resource?: Attributes | undefined;
  /** Where spans go: one place, or several that do not affect each other. Default `OTEL_TRACES_EXPORTER`, else OTLP. */
  exporter?: ExporterOption | readonly ExporterOption[] | undefined;
  /** When spans leave, and how many may wait. */
  flush?: FlushOptions | undefined;
  sampling?: SamplingOptions | undefined;
  /**
   * How context travels: a list, in order, or by name those of `edgespan/propagators` that
   * `OTEL_PROPAGATORS` may choose, e.g. `{ b3, jaeger }`. Default `OTEL_PROPAGATORS`, else
   * `["tracecontext", "baggage"]`.
   */
  propagators?: Propagators | undefined;
  /**
   * Whose context is continued: `"all"`, `"none"`, or a function of what the handler was given (a
   * `Request`, a Lambda event, a batch; the message in `traceMessage`). Of others a new trace
   * begins, linked to theirs, and neither their baggage nor their `tracestate` is taken.
   * Default: all.
   */
  trust?: Trust | undefined;
  /** What is recorded beside the rest, such as headers: `capture()` of `edgespan/capture`. Default: nothing. */
  capture?: Capture | undefined;
  /**
   * Changes each finished span before any processor's `onEnd` and any exporter sees it. Synchronous; where it
   * throws the span is dropped, with a warning.
   */
  redact?: ((span: RedactableSpan) => void) | undefined;
  instrument?: InstrumentOptions | undefined;
  /** Limits of a span, by the SDK's names and defaults (128 each, values unlimited), and of an invocation. */
  limits?: Limits | undefined;
  /** SDK span processors that see every span beside the built-in export. */
  spanProcessors?: readonly SpanProcessor[] | undefined;
  /** Turns tracing off. Default `OTEL_SDK_DISABLED`. */
  disabled?: boolean | undefined;
  /**
   * Whether wrong configuration throws (`true`) or warns once and turns tracing off
   * (`false`). Default: throws in tests and local development, warns where deployed.
   */
  strict?: boolean | undefined;
  /** Replaces the clock, for tests. */
  clock?: Clock | undefined;
  /** Replaces the source of trace and span ids, for tests. */
  ids?: IdGenerator | undefined;
}

/** An OTLP endpoint, an exporter by its name, or any `SpanExporter` of the SDK. */
export type ExporterOption = OtlpExporterOptions | ExporterName | SpanExporter;

/** `otlp/stdout` writes one line of OTLP JSON for each export, `console` one line for each span. */
export type ExporterName = "otlp" | "otlp/stdout" | "console" | "none";

export interface ServiceOptions {
  name?: string | undefined;
  namespace?: string | undefined;
  version?: string | undefined;
}

export interface OtlpExporterOptions {
  /** Full URL of the traces endpoint, e.g. `https://host/v1/traces`. Default from `OTEL_EXPORTER_OTLP_*`. */
  url?: string | undefined;
  /**
   * Headers of each export, e.g. an API key; a function is called once, at the first export,
   * and again after it has failed. On Workers prefer it to a promise, which belongs to the
   * request that made it. Default `OTEL_EXPORTER_OTLP_HEADERS`.
   */
  headers?: Headers | Promise<Headers> | (() => Headers | Promise<Headers>) | undefined;
  /** Longest time for one request in milliseconds. Default `OTEL_EXPORTER_OTLP_TIMEOUT`, else 10,000. */
  timeoutMs?: number | undefined;
  /** Sends exports instead of the platform's own transport: a function like `fetch`, or a service binding. */
  fetch?: FetchLike | { fetch: FetchLike } | undefined;
  /** Encoding and transport: `protobuf` of `edgespan/protobuf`, or `grpc` of `edgespan/grpc`. Default `http/json`. */
  protocol?: Protocol | undefined;
  /** Of exports from 1 KB. Default `OTEL_EXPORTER_OTLP_COMPRESSION`, else `"gzip"`. */
  compression?: "gzip" | "none" | undefined;
  /** Splits exports that would be longer, before gzip. Default 3,000,000. */
  maxBodyBytes?: number | undefined;
}

export interface FlushOptions {
  /**
   * On Lambda, whether spans leave after the response, or the response waits for them. Default
   * `"afterResponse"`, where Lambda lets a function register as its own extension.
   */
  when?: "afterResponse" | "beforeResponse";
  /**
   * On Lambda, how long before its deadline an invocation that still runs is exported, as an
   * error; 0 for never. Default 500, and never more than a quarter of its time. Milliseconds.
   */
  beforeTimeoutMs?: number;
  /**
   * On Workers and Managed Instances of Lambda, how long the spans of an invocation wait for those of others, to leave in one
   * request; 0 for a request each. Default `OTEL_BSP_SCHEDULE_DELAY`, else 100. Milliseconds.
   */
  windowMs?: number;
  /** The most spans in a request. Default `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, else 512. */
  maxBatchSize?: number;
  /** The most spans that wait and are under way, for each destination; further ones are dropped, as they are where those hold about 16 MB. Default `OTEL_BSP_MAX_QUEUE_SIZE`, else 8,192. */
  maxQueueSize?: number;
  /**
   * On Workers, how long after the response open spans and the handler's own `waitUntil` work
   * are waited for. Default, and at the most, 25,000, in milliseconds.
   */
  maxWaitMs?: number;
}

export interface SamplingOptions {
  /** Decides at the start of an invocation. Default `OTEL_TRACES_SAMPLER`, else parent-based always on. */
  head?: HeadSampler | undefined;
  /** Decides at the end of an invocation over what was recorded: `tail` of `edgespan/sampling`. Default: all is kept. */
  tail?: TailSampler | undefined;
}
