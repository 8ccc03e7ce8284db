/**
 * Checks the options that code passes; `OTEL_*` variables are checked where they are read.
 * Bundles for production leave this file out: the same code was checked where it was
 * developed and tested.
 */
import {
  has,
  isBoolean,
  isCompression,
  isCount,
  isDuration,
  isExporter,
  isFetch,
  isFunction,
  isHeaders,
  isLimit,
  isName,
  isObject,
  isOrigin,
  isPlain,
  isPositive,
  isPropagator,
  isSdkExporter,
  isString,
  isTrust,
  list,
  need,
  isWhen,
} from "./checks.js";
import { invalid } from "./error.js";
import type { Options } from "./options.js";

/** The names that each group of options has. */
const KNOWN = {
  options: [
    "service",
    "resource",
    "exporter",
    "flush",
    "sampling",
    "propagators",
    "trust",
    "capture",
    "redact",
    "instrument",
    "limits",
    "spanProcessors",
    "disabled",
    "strict",
    "clock",
    "ids",
  ],
  service: ["name", "namespace", "version"],
  exporter: ["url", "headers", "timeoutMs", "fetch", "protocol", "compression", "maxBodyBytes"],
  flush: ["when", "beforeTimeoutMs", "windowMs", "maxBatchSize", "maxQueueSize", "maxWaitMs"],
  sampling: ["head", "tail"],
  instrument: ["fetch", "streams", "queues", "workflows", "websockets", "bindings", "lambda"],
  "instrument.fetch": ["propagateTo"],
  "instrument.queues": ["propagate"],
  "instrument.workflows": ["propagate"],
  "instrument.websockets": ["messages"],
  "instrument.lambda": ["xrayParent", "stepFunctions"],
  limits: [
    "attributeCountLimit",
    "attributeValueLengthLimit",
    "eventCountLimit",
    "linkCountLimit",
    "attributePerEventCountLimit",
    "attributePerLinkCountLimit",
    "maxSpans",
    "maxBytes",
  ],
} as const satisfies Record<string, readonly string[]>;

function refuseUnknown(group: keyof typeof KNOWN, value: unknown): void {
  const known: readonly string[] = KNOWN[group];
  for (const name of isPlain(value) ? Object.keys(value as object) : []) {
    const path = group === "options" ? name : `${group}.${name}`;
    if (!known.includes(name))
      throw invalid(`option "${path}"`, `is not known; ${group} may have ${known.join(", ")}`);
  }
}

/** Throws a `ConfigError` for the first option that is wrong. */
export function validateOptions(options: Options): void {
  need("options", options, isPlain, "must be an object, or a function of env that returns one");
  refuseUnknown("options", options);
  const { exporter, sampling, propagators, instrument, limits, spanProcessors } = options;
  refuseUnknown("service", options.service);
  refuseUnknown("flush", options.flush);
  refuseUnknown("sampling", sampling);
  refuseUnknown("instrument", instrument);
  refuseUnknown("instrument.fetch", instrument?.fetch);
  refuseUnknown("instrument.websockets", instrument?.websockets);
  refuseUnknown("instrument.lambda", instrument?.lambda);
  refuseUnknown("limits", limits);
  validateService(options.service);
  need("resource", options.resource, isObject, "must be an object of attributes");
  if (Array.isArray(exporter))
    for (const [index, one] of exporter.entries()) validateExporter(`exporter[${index}]`, one);
  else validateExporter("exporter", exporter);
  validateFlush(options.flush);
  need("sampling", sampling, isObject, "must be an object, e.g. { head: sampler }");
  need("sampling.head", sampling?.head, has("shouldSample"), "must be an OpenTelemetry sampler");
  need("sampling.tail", sampling?.tail, has("follow"), 'must be tail([…]) of "edgespan/sampling"');
  const every = isPlain(propagators) ? Object.values(propagators ?? {}) : propagators;
  list("propagators", every, isPropagator, PROPAGATOR);
  need("trust", options.trust, isTrust, 'must be "all", "none" or a function of the request');
  need("capture", options.capture, has("started", "answered"), `must be ${CAPTURE}`);
  need("redact", options.redact, isFunction, "must be a function of the span");
  list("spanProcessors", spanProcessors, has("onStart", "onEnd"), "a span processor");
  need("disabled", options.disabled, isBoolean, "must be true or false");
  need("strict", options.strict, isBoolean, "must be true or false");
  need("clock", options.clock, has("now"), "must be an object with now()");
  need("ids", options.ids, has("generateTraceId", "generateSpanId"), "must be an id generator");
  need("instrument", instrument, isObject, "must be an object, e.g. { fetch: false }");
  list("instrument.bindings", instrument?.bindings, isPlain, 'moreBindings of "edgespan/bindings"');
  const fetch = instrument?.fetch;
  if (!isPlain(fetch))
    need("instrument.fetch", fetch, isBoolean, "must be true, false or { propagateTo }");
  const propagateTo = typeof fetch === "object" ? fetch.propagateTo : undefined;
  if (typeof propagateTo !== "function")
    list("instrument.fetch.propagateTo", propagateTo, isOrigin, ORIGIN);
  need("instrument.streams", instrument?.streams, isBoolean, "must be true or false");
  for (const name of ["queues", "workflows"] as const) {
    const path = `instrument.${name}` as const;
    const option = instrument?.[name];
    refuseUnknown(path, option);
    need(path, option, isPlain, 'must be an object, e.g. { propagate: ["ORDERS"] }');
    list(`${path}.propagate`, option?.propagate, isName, "the name of a binding");
  }
  const sockets = instrument?.websockets;
  if (!isPlain(sockets))
    need("instrument.websockets", sockets, isBoolean, "must be true, false or { messages }");
  const messages = typeof sockets === "object" ? sockets.messages : undefined;
  need("instrument.websockets.messages", messages, isBoolean, "must be true or false");
  const lambda = instrument?.lambda;
  need("instrument.lambda", lambda, isPlain, "must be an object");
  for (const [name, value] of Object.entries(lambda ?? {}))
    need(`instrument.lambda.${name}`, value, isBoolean, "must be true or false");
  for (const [name, limit] of Object.entries(limits ?? {}))
    need(`limits.${name}`, limit, isLimit, "must be a whole number of 0 or more, or Infinity");
}

const PROPAGATOR = '"tracecontext", "baggage" or a text map propagator';
const CAPTURE = 'capture({ … }) of "edgespan/capture"';
const ORIGIN = 'an origin such as "https://api.example.com", or a RegExp';

/** An OTLP endpoint's URL and headers are checked where they are resolved. */
function validateExporter(path: string, exporter: unknown): void {
  if (!isPlain(exporter) || isSdkExporter(exporter))
    return need(path, exporter, isExporter, `must be ${EXPORTER}`);
  refuseUnknown("exporter", exporter);
  const told = exporter as Record<string, unknown>;
  const { headers, timeoutMs, fetch, protocol, compression, maxBodyBytes } = told;
  if (!isHeaders(headers))
    throw invalid(
      `${path}.headers`,
      'must be an object, e.g. { authorization: "Bearer …" }, or a function or promise of one',
    );
  need(`${path}.timeoutMs`, timeoutMs, isPositive, "must be a number of milliseconds above 0");
  need(`${path}.fetch`, fetch, isFetch, "must be a function like fetch, or an object that has one");
  need(
    `${path}.protocol`,
    protocol,
    has("encode"),
    'must be protobuf of "edgespan/protobuf" or grpc of "edgespan/grpc"',
  );
  need(`${path}.compression`, compression, isCompression, 'must be "gzip" or "none"');
  need(`${path}.maxBodyBytes`, maxBodyBytes, isPositive, "must be a number of bytes above 0");
}

const EXPORTER = '"otlp", "otlp/stdout", "console", "none", { url, … } or an SDK span exporter';

function validateFlush(flush: Options["flush"]): void {
  need("flush", flush, isPlain, "must be an object, e.g. { windowMs: 100 }");
  const { when, maxBatchSize, maxQueueSize, beforeTimeoutMs, windowMs, maxWaitMs } = flush ?? {};
  need("flush.when", when, isWhen, 'must be "afterResponse" or "beforeResponse"');
  for (const [name, count] of Object.entries({ maxBatchSize, maxQueueSize }))
    need(`flush.${name}`, count, isCount, "must be a whole number above 0");
  for (const [name, ms] of Object.entries({ beforeTimeoutMs, windowMs, maxWaitMs }))
    need(`flush.${name}`, ms, isDuration, "must be a number of milliseconds, 0 or more");
}

function validateService(service: unknown): void {
  if (!isPlain(service)) return need("service", service, isName, "must be a name");
  const { name, namespace, version } = service as Record<string, unknown>;
  need("service", name, isName, "must be a name");
  need("service.namespace", namespace, isString, "must be a string");
  need("service.version", version, isString, "must be a string");
}
