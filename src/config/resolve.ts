/** Makes one configuration of options, `OTEL_*` variables and defaults, in that order. */
import type { Attributes, TextMapPropagator } from "@opentelemetry/api";
import type { Sampler, SpanLimits } from "@opentelemetry/sdk-trace";
import { BUILT_IN_PROPAGATORS, compositePropagator } from "../propagate/propagator.js";
import { HEAD_SAMPLERS } from "../sample/head.js";
import { SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_VERSION } from "../trace/semconv.js";
import { type ReadVariable, readBoolean, readInteger, readPairs } from "./environment.js";
import { invalid } from "./error.js";
import { type ExporterConfig, resolveExporter } from "./exporter.js";
import type { FetchOptions, Options } from "./options.js";
import { validateOptions } from "./validate.js";

export interface Config {
  readonly disabled: boolean;
  /** Resource attributes that options and variables name, without those of the platform. */
  readonly resource: Attributes;
  readonly exporter: ExporterConfig;
  readonly sampler: Sampler;
  readonly propagator: TextMapPropagator<unknown>;
  readonly limits: Required<SpanLimits>;
  readonly tracesFetch: boolean;
  readonly propagateTo: (url: URL) => boolean;
}

/** Resolves the configuration; throws a `ConfigError` that names the first wrong value. */
export function resolveConfig(options: Options, read: ReadVariable): Config {
  validateOptions(options);
  const fetch = options.instrument?.fetch ?? true;
  return {
    disabled: options.disabled ?? readBoolean(read, "OTEL_SDK_DISABLED"),
    resource: resolveResource(options, read),
    exporter: resolveExporter(options.exporter, read),
    sampler: options.sampling?.head ?? readSampler(read),
    propagator: compositePropagator(options.propagators ?? readPropagators(read)),
    limits: { ...readLimits(read), ...options.limits },
    tracesFetch: fetch !== false,
    propagateTo: propagateTo(typeof fetch === "object" ? fetch.propagateTo : undefined),
  };
}

function resolveResource({ service, resource }: Options, read: ReadVariable): Attributes {
  const fromVariables = readPairs(read, "OTEL_RESOURCE_ATTRIBUTES");
  const name = read("OTEL_SERVICE_NAME");
  const named = typeof service === "string" ? { name: service } : service;
  return {
    ...fromVariables,
    ...(name && { [SERVICE_NAME]: name }),
    ...resource,
    ...(named?.name && { [SERVICE_NAME]: named.name }),
    ...(named?.namespace && { [SERVICE_NAMESPACE]: named.namespace }),
    ...(named?.version && { [SERVICE_VERSION]: named.version }),
  };
}

function readSampler(read: ReadVariable): Sampler {
  const name = read("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
  const create = Object.hasOwn(HEAD_SAMPLERS, name) && HEAD_SAMPLERS[name];
  if (!create)
    throw invalid(
      "OTEL_TRACES_SAMPLER",
      `must be one of ${Object.keys(HEAD_SAMPLERS).join(", ")}`,
      name,
    );
  const arg = read("OTEL_TRACES_SAMPLER_ARG") ?? "1";
  const ratio = Number(arg);
  if (name.endsWith("traceidratio") && !(ratio >= 0 && ratio <= 1))
    throw invalid("OTEL_TRACES_SAMPLER_ARG", "must be a number from 0 to 1", arg);
  return create(ratio);
}

function readPropagators(read: ReadVariable): TextMapPropagator[] {
  const names = (read("OTEL_PROPAGATORS") ?? "tracecontext,baggage").split(",");
  const chosen = new Set(names.map((name) => name.trim()).filter((name) => name !== "none"));
  return [...chosen].map((name) => {
    const create = Object.hasOwn(BUILT_IN_PROPAGATORS, name) && BUILT_IN_PROPAGATORS[name];
    if (create) return create();
    throw invalid(
      "OTEL_PROPAGATORS",
      "is not built in; use tracecontext, baggage or none, or pass an instance as options.propagators",
      name,
    );
  });
}

/**
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#attribute-limits
 */
function readLimits(read: ReadVariable): Required<SpanLimits> {
  const limit = (suffix: string, ...prefixes: readonly string[]): number | undefined =>
    readInteger(read, 0, ...prefixes.map((prefix) => `OTEL_${prefix}${suffix}`));
  return {
    attributeCountLimit: limit("ATTRIBUTE_COUNT_LIMIT", "SPAN_", "") ?? 128,
    attributeValueLengthLimit: limit("ATTRIBUTE_VALUE_LENGTH_LIMIT", "SPAN_", "") ?? Infinity,
    eventCountLimit: limit("EVENT_COUNT_LIMIT", "SPAN_") ?? 128,
    linkCountLimit: limit("LINK_COUNT_LIMIT", "SPAN_") ?? 128,
    attributePerEventCountLimit: limit("ATTRIBUTE_COUNT_LIMIT", "EVENT_") ?? 128,
    attributePerLinkCountLimit: limit("ATTRIBUTE_COUNT_LIMIT", "LINK_") ?? 128,
  };
}

function propagateTo(rule: FetchOptions["propagateTo"]): (url: URL) => boolean {
  if (!rule) return () => true;
  if (typeof rule === "function") return rule;
  return (url) =>
    rule.some((item) => (typeof item === "string" ? item === url.origin : item.test(url.href)));
}
