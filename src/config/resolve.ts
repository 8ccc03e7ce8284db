/** Makes one configuration of options, `OTEL_*` variables and defaults, in that order. */
import type { Attributes, TextMapPropagator } from "@opentelemetry/api";
import type { Sampler, SpanLimits } from "@opentelemetry/sdk-trace";
import type { HeadSampler, Limits, UrlFilter } from "../trace/tracing.js";
import { BUILT_IN_PROPAGATORS, compositePropagator } from "../propagate/propagator.js";
import { HEAD_SAMPLERS, createHeadSampler } from "../sample/head.js";
import { LOG_LEVELS } from "../trace/report.js";
import { SERVICE_NAME } from "../trace/semconv.js";
import { type ReadVariable, readChoice, readInteger, readNames, readPairs } from "./environment.js";
import type { NamedPropagators } from "./context-options.js";
import { ConfigError, invalid } from "./error.js";
import { type ExporterConfig, resolveExporters } from "./exporter.js";
import type { FlushOptions, Options } from "./options.js";
import type { BindingClasses, FetchOptions } from "./instrument-options.js";
import { validateOptions } from "./validate.js";

export interface Config {
  /** Resource attributes that options and variables name, without those of the platform. */
  readonly resource: Attributes;
  readonly exporters: readonly ExporterConfig[];
  readonly flush: Required<Omit<FlushOptions, "when" | "beforeTimeoutMs">>;
  readonly sampler: HeadSampler;
  readonly propagator: TextMapPropagator<unknown>;
  readonly limits: Required<Limits>;
  readonly tracesFetch: boolean;
  readonly tracesStreams: boolean;
  readonly propagateTo: UrlFilter;
  readonly envelopesFor: readonly string[];
  readonly logLevel: string;
  readonly bindings: readonly BindingClasses[];
}

/** Resolves the configuration; throws a `ConfigError` that names the first wrong value. */
export function resolveConfig(given: Options | undefined, read: ReadVariable): Config {
  validateInDevelopment(given);
  const options = given ?? {};
  const { fetch = true, queues, workflows, bindings = [] } = options.instrument ?? {};
  return {
    resource: resolveResource(options, read),
    exporters: resolveExporters(options.exporter, read),
    flush: resolveFlush(options.flush, read),
    sampler: options.sampling?.head ?? readSampler(read),
    propagator: compositePropagator(resolvePropagators(options.propagators, read)),
    limits: resolveLimits(options.limits, read),
    tracesFetch: fetch !== false,
    tracesStreams: options.instrument?.streams ?? true,
    propagateTo: propagateTo(typeof fetch === "object" ? fetch.propagateTo : undefined),
    envelopesFor: [queues, workflows].flatMap((option) => option?.propagate ?? []),
    logLevel: readChoice(read, LOG_LEVELS, "info", "OTEL_LOG_LEVEL"),
    bindings,
  };
}

/**
 * wrangler, and any bundler that is told to, writes the value of `process.env.NODE_ENV` into what
 * it makes, which leaves the checks of `validate.ts` (2 KB gzip) out of it.
 */
function validateInDevelopment(options: Options | undefined): void {
  try {
    // Where there are none, not even the checks are compiled: 0.5 ms of a cold start.
    if (process.env.NODE_ENV !== "production" && options !== undefined) validateOptions(options);
  } catch (error) {
    // Where there is no `process`, nobody is developing.
    if (error instanceof ConfigError) throw error;
  }
}

function resolveResource({ service, resource }: Options, read: ReadVariable): Attributes {
  const named = typeof service === "string" ? { name: service } : service;
  const attributes: Attributes = {
    ...readPairs(read, "OTEL_RESOURCE_ATTRIBUTES")[1],
    ...resource,
  };
  const name = named?.name ?? resource?.[SERVICE_NAME] ?? read("OTEL_SERVICE_NAME");
  if (name !== undefined) attributes[SERVICE_NAME] = name;
  if (named?.namespace) attributes["service.namespace"] = named.namespace;
  if (named?.version) attributes["service.version"] = named.version;
  return attributes;
}

function readSampler(read: ReadVariable): Sampler {
  const names = Object.keys(HEAD_SAMPLERS);
  const name = readChoice(read, names, "parentbased_always_on", "OTEL_TRACES_SAMPLER");
  const arg = read("OTEL_TRACES_SAMPLER_ARG") ?? "1";
  const ratio = Number(arg);
  if (name.endsWith("traceidratio") && !(ratio >= 0 && ratio <= 1))
    throw invalid("OTEL_TRACES_SAMPLER_ARG", "must be a number from 0 to 1", arg);
  return createHeadSampler(name, ratio);
}

/** A list of code's is the choice; named ones are those that the variable may choose beside the built-in. */
function resolvePropagators(
  option: Options["propagators"],
  read: ReadVariable,
): TextMapPropagator[] {
  const isList = Array.isArray(option);
  const known = { ...BUILT_IN_PROPAGATORS, ...(option as NamedPropagators) };
  const choices = [...Object.keys(known), "none"];
  const fix = 'propagators of "edgespan/propagators"';
  const chosen: readonly (TextMapPropagator | string)[] = isList
    ? option
    : readNames(read, choices, "tracecontext,baggage", "OTEL_PROPAGATORS", fix);
  return [...new Set(chosen)].flatMap((one) =>
    typeof one === "string" ? (known[one] ?? []) : one,
  );
}

/** @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#attribute-limits */
const LIMITS: Readonly<Record<keyof SpanLimits, readonly string[]>> = {
  attributeCountLimit: ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
  attributeValueLengthLimit: [
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
  ],
  eventCountLimit: ["OTEL_SPAN_EVENT_COUNT_LIMIT"],
  linkCountLimit: ["OTEL_SPAN_LINK_COUNT_LIMIT"],
  attributePerEventCountLimit: ["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"],
  attributePerLinkCountLimit: ["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"],
};

function resolveLimits(options: Limits = {}, read: ReadVariable): Required<Limits> {
  const { maxSpans = 1_000, maxBytes = 2_000_000 } = options;
  const limits = {
    attributeValueLengthLimit: Infinity,
    maxSpans,
    // What is taken from infinity cannot be given back.
    maxBytes: Math.min(maxBytes, 2 ** 53),
  } as Required<Limits>;
  for (const key in LIMITS) {
    const name = key as keyof SpanLimits;
    limits[name] = options[name] ?? readInteger(read, ...LIMITS[name]) ?? limits[name] ?? 128;
  }
  return limits;
}

/** Work under `waitUntil` is ended 30 s after the response, and the export takes its time too. */
const LONGEST_WINDOW_MS = 20_000;
const LONGEST_WAIT_MS = 25_000;

/** @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#batch-span-processor */
function resolveFlush(options: FlushOptions = {}, read: ReadVariable): Config["flush"] {
  return {
    windowMs: Math.min(
      options.windowMs ?? readInteger(read, "OTEL_BSP_SCHEDULE_DELAY") ?? 100,
      LONGEST_WINDOW_MS,
    ),
    maxBatchSize:
      options.maxBatchSize ?? (readInteger(read, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE") || 512),
    maxQueueSize: options.maxQueueSize ?? (readInteger(read, "OTEL_BSP_MAX_QUEUE_SIZE") || 8_192),
    maxWaitMs: Math.min(options.maxWaitMs ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS),
  };
}

function propagateTo(rule: FetchOptions["propagateTo"]): UrlFilter {
  if (!rule) return () => true;
  if (typeof rule === "function") return rule;
  return (url) =>
    // search() and not test(): a RegExp with the g flag would answer by turns.
    rule.some((item) =>
      typeof item === "string" ? item === url.origin : url.href.search(item) >= 0,
    );
}
