/** Checks the options that code passes; `OTEL_*` variables are checked where they are read. */
import { invalid } from "./error.js";
import type { Options } from "./options.js";

const KNOWN = [
  "service",
  "resource",
  "exporter",
  "sampling",
  "propagators",
  "instrument",
  "limits",
  "spanProcessors",
  "disabled",
  "strict",
  "clock",
  "ids",
];

/** Throws a `ConfigError` for the first option that is wrong. */
export function validateOptions(options: Options): void {
  need("options", options, isObject, "must be an object, or a function of env that returns one");
  for (const name of Object.keys(options))
    if (!KNOWN.includes(name))
      throw invalid(`option "${name}"`, `is not known; the options are ${KNOWN.join(", ")}`);
  const { service, exporter, sampling, propagators, instrument, limits, spanProcessors } = options;
  need("service", typeof service === "object" ? service.name : service, isName, "must be a name");
  need("resource", options.resource, isObject, "must be an object of attributes");
  if (typeof exporter === "object") validateExporter(exporter as Record<string, unknown>);
  else need("exporter", exporter, isExporter, 'must be "otlp", "console", "none" or { url, … }');
  need("sampling.head", sampling?.head, has("shouldSample"), "must be an OpenTelemetry sampler");
  list("propagators", propagators, has("inject", "extract", "fields"), "a text map propagator");
  list("spanProcessors", spanProcessors, has("onStart", "onEnd"), "a span processor");
  const fetch = instrument?.fetch;
  const propagateTo = typeof fetch === "object" ? fetch.propagateTo : undefined;
  if (typeof propagateTo !== "function")
    list("instrument.fetch.propagateTo", propagateTo, isOrigin, ORIGIN);
  for (const [name, limit] of Object.entries(limits ?? {}))
    need(`limits.${name}`, limit, isLimit, "must be a whole number of 0 or more, or Infinity");
}

const ORIGIN = 'an origin such as "https://api.example.com", or a RegExp';

function validateExporter(exporter: Record<string, unknown>): void {
  const { url, headers, timeoutMs, fetch } = exporter;
  need("exporter.url", url, isUrl, "must be absolute, e.g. https://host/v1/traces");
  need("exporter.timeoutMs", timeoutMs, isPositive, "must be a number of milliseconds above 0");
  need("exporter.fetch", fetch, isFunction, "must be a function like fetch");
  for (const [name, value] of Object.entries(headers ?? {}))
    if (typeof value !== "string") throw invalid(`exporter.headers["${name}"]`, "must be a string");
}

type Check = (value: unknown) => boolean;

function need(name: string, value: unknown, check: Check, fix: string): void {
  if (value !== undefined && !check(value)) throw invalid(name, fix, value);
}

function list(name: string, values: unknown, check: Check, item: string): void {
  need(name, values, Array.isArray, `must be an array; each item is ${item}`);
  for (const [index, value] of ((values as unknown[] | undefined) ?? []).entries())
    if (!check(value)) throw invalid(`${name}[${index}]`, `must be ${item}`, value);
}

const isObject: Check = (value) => typeof value === "object" && value !== null;
const isFunction: Check = (value) => typeof value === "function";
const isName: Check = (value) => typeof value === "string" && value !== "";
const isExporter: Check = (value) => value === "otlp" || value === "console" || value === "none";
const isPositive: Check = (value) => typeof value === "number" && value > 0;
const isLimit: Check = (value) =>
  value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 0);
const isOrigin: Check = (value) =>
  value instanceof RegExp || (isUrl(value) && new URL(value as string).origin === value);
const has =
  (...methods: readonly string[]): Check =>
  (value) =>
    methods.every((method) => isFunction((value as Record<string, unknown> | null)?.[method]));

export function isUrl(value: unknown): boolean {
  return typeof value === "string" && URL.canParse(value) && /^https?:/i.test(value);
}
