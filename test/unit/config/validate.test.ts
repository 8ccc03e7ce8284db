import { describe, expect, test } from "vitest";
import { complaint } from "./resolved.ts";

const noop = (): void => {};
const propagator = { inject: noop, extract: noop, fields: () => [] };
const processor = { onStart: noop, onEnd: noop };
const OBJECT = "must be an object, or a function of env that returns one";
const EXPORTER =
  'must be "otlp", "otlp/stdout", "console", "none", { url, … } or an SDK span exporter';
const URL_FIX = "must be absolute, e.g. https://host/v1/traces";
const ORIGIN = 'an origin such as "https://api.example.com", or a RegExp';
const LIMIT = "must be a whole number of 0 or more, or Infinity";
const PROTOCOL = 'must be protobuf of "edgespan/protobuf" or grpc of "edgespan/grpc"';
const DURATION = "must be a number of milliseconds, 0 or more";
const COUNT = "must be a whole number above 0";
const MILLISECONDS = "must be a number of milliseconds above 0";
const PROPAGATOR = '"tracecontext", "baggage" or a text map propagator';
const TRUST = 'must be "all", "none" or a function of the request';
const KNOWN =
  "service, resource, exporter, flush, sampling, propagators, trust, capture, redact, instrument, limits, spanProcessors, disabled, strict, clock, ids";

const WRONG: readonly (readonly [options: unknown, message: string])[] = [
  [5, `options 5 ${OBJECT}`],
  [null, `options (object) ${OBJECT}`],
  ["https://host?api-key=hunter2", `options "https://host" ${OBJECT}`],
  [Promise.resolve({}), `options (object) ${OBJECT}`],
  [{ exporters: "otlp" }, `option "exporters" is not known; options may have ${KNOWN}`],
  [
    { service: { title: "shop" } },
    'option "service.title" is not known; service may have name, namespace, version',
  ],
  [
    { exporter: { endpoint: "https://host" } },
    'option "exporter.endpoint" is not known; exporter may have url, headers, timeoutMs, fetch, protocol, compression, maxBodyBytes',
  ],
  [
    { sampling: { ratio: 1 } },
    'option "sampling.ratio" is not known; sampling may have head, tail',
  ],
  [
    { instrument: { kv: true } },
    'option "instrument.kv" is not known; instrument may have fetch, streams, queues, workflows, websockets, bindings, lambda',
  ],
  [
    { instrument: { fetch: { origins: [] } } },
    'option "instrument.fetch.origins" is not known; instrument.fetch may have propagateTo',
  ],
  [
    { limits: { spans: 1 } },
    'option "limits.spans" is not known; limits may have attributeCountLimit, attributeValueLengthLimit, eventCountLimit, linkCountLimit, attributePerEventCountLimit, attributePerLinkCountLimit, maxSpans, maxBytes',
  ],
  [
    { instrument: { websockets: { sizes: true } } },
    'option "instrument.websockets.sizes" is not known; instrument.websockets may have messages',
  ],
  [
    { instrument: { websockets: "all" } },
    'instrument.websockets "all" must be true, false or { messages }',
  ],
  [
    { instrument: { websockets: ["messages"] } },
    "instrument.websockets (object) must be true, false or { messages }",
  ],
  [
    { instrument: { websockets: { messages: "text" } } },
    'instrument.websockets.messages "text" must be true or false',
  ],
  [
    { instrument: { queues: { messages: true } } },
    'option "instrument.queues.messages" is not known; instrument.queues may have propagate',
  ],
  [{ service: "" }, 'service "" must be a name'],
  [{ service: 7 }, "service 7 must be a name"],
  [{ service: null }, "service (object) must be a name"],
  [{ service: { name: "" } }, 'service "" must be a name'],
  [{ service: { name: ["a"] } }, "service (object) must be a name"],
  [{ service: { namespace: 7 } }, "service.namespace 7 must be a string"],
  [{ service: { version: 7 } }, "service.version 7 must be a string"],
  [{ resource: "team=a" }, 'resource "team=a" must be an object of attributes'],
  [{ resource: null }, "resource (object) must be an object of attributes"],
  [{ exporter: null }, `exporter (object) ${EXPORTER}`],
  [{ exporter: "zipkin" }, `exporter "zipkin" ${EXPORTER}`],
  [{ exporter: ["otlp", "zipkin"] }, `exporter[1] "zipkin" ${EXPORTER}`],
  [{ exporter: [["otlp"]] }, `exporter[0] (object) ${EXPORTER}`],
  [{ exporter: [{ timeoutMs: 0 }] }, `exporter[0].timeoutMs 0 ${MILLISECONDS}`],
  [{ exporter: [{ url: "host:4318" }] }, `exporter.url "host:4318" ${URL_FIX}`],
  [{ exporter: noop }, `exporter (function) ${EXPORTER}`],
  [{ exporter: { url: "host:4318" } }, `exporter.url "host:4318" ${URL_FIX}`],
  [{ exporter: { url: "/v1/traces" } }, `exporter.url "/v1/traces" ${URL_FIX}`],
  [{ exporter: { url: "ftp://host/x" } }, `exporter.url "ftp://host/x" ${URL_FIX}`],
  [{ exporter: { url: 4318 } }, `exporter.url 4318 ${URL_FIX}`],
  [{ exporter: { url: new URL("https://host") } }, `exporter.url (object) ${URL_FIX}`],
  [{ exporter: { timeoutMs: 0 } }, `exporter.timeoutMs 0 ${MILLISECONDS}`],
  [{ exporter: { timeoutMs: -1 } }, `exporter.timeoutMs -1 ${MILLISECONDS}`],
  [{ exporter: { timeoutMs: Number.NaN } }, `exporter.timeoutMs NaN ${MILLISECONDS}`],
  [{ exporter: { timeoutMs: "5s" } }, `exporter.timeoutMs "5s" ${MILLISECONDS}`],
  [
    { exporter: { fetch: {} } },
    "exporter.fetch (object) must be a function like fetch, or an object that has one",
  ],
  [{ exporter: { protocol: "grpc" } }, `exporter.protocol "grpc" ${PROTOCOL}`],
  [{ exporter: { compression: "br" } }, 'exporter.compression "br" must be "gzip" or "none"'],
  [{ exporter: { maxBodyBytes: 0 } }, "exporter.maxBodyBytes 0 must be a number of bytes above 0"],
  [{ flush: 100 }, "flush 100 must be an object, e.g. { windowMs: 100 }"],
  [
    { flush: { delay: 1 } },
    'option "flush.delay" is not known; flush may have when, beforeTimeoutMs, windowMs, maxBatchSize, maxQueueSize, maxWaitMs',
  ],
  [{ flush: { windowMs: -1 } }, `flush.windowMs -1 ${DURATION}`],
  [{ flush: { maxWaitMs: Infinity } }, `flush.maxWaitMs Infinity ${DURATION}`],
  [{ flush: { maxBatchSize: 0 } }, `flush.maxBatchSize 0 ${COUNT}`],
  [{ flush: { maxQueueSize: 1.5 } }, `flush.maxQueueSize 1.5 ${COUNT}`],
  [
    { sampling: { head: "always_on" } },
    'sampling.head "always_on" must be an OpenTelemetry sampler',
  ],
  [{ sampling: { head: {} } }, "sampling.head (object) must be an OpenTelemetry sampler"],
  [{ sampling: { head: null } }, "sampling.head (object) must be an OpenTelemetry sampler"],
  [
    { sampling: { tail: [{ errors: true }] } },
    'sampling.tail (object) must be tail([…]) of "edgespan/sampling"',
  ],
  [{ limits: { maxSpans: -1 } }, `limits.maxSpans -1 ${LIMIT}`],
  [{ sampling: "always_on" }, 'sampling "always_on" must be an object, e.g. { head: sampler }'],
  [{ propagators: propagator }, `propagators[0] (function) must be ${PROPAGATOR}`],
  [{ propagators: "b3" }, `propagators "b3" must be an array; each item is ${PROPAGATOR}`],
  [{ propagators: [propagator, "b3"] }, `propagators[1] "b3" must be ${PROPAGATOR}`],
  [
    { propagators: [{ inject: noop, extract: noop }] },
    `propagators[0] (object) must be ${PROPAGATOR}`,
  ],
  [{ propagators: { b3: {} } }, `propagators[0] (object) must be ${PROPAGATOR}`],
  [{ trust: "some" }, `trust "some" ${TRUST}`],
  [{ trust: true }, `trust true ${TRUST}`],
  [
    { capture: { requestHeaders: ["a"] } },
    'capture (object) must be capture({ … }) of "edgespan/capture"',
  ],
  [{ redact: ["url.full"] }, "redact (object) must be a function of the span"],
  [
    { spanProcessors: processor },
    "spanProcessors (object) must be an array; each item is a span processor",
  ],
  [{ spanProcessors: [null] }, "spanProcessors[0] (object) must be a span processor"],
  [
    { spanProcessors: [processor, { onStart: noop }] },
    "spanProcessors[1] (object) must be a span processor",
  ],
  [
    { instrument: { bindings: ["ai"] } },
    'instrument.bindings[0] "ai" must be moreBindings of "edgespan/bindings"',
  ],
  [{ instrument: false }, "instrument false must be an object, e.g. { fetch: false }"],
  [{ instrument: { streams: "no" } }, 'instrument.streams "no" must be true or false'],
  [{ instrument: { fetch: "no" } }, 'instrument.fetch "no" must be true, false or { propagateTo }'],
  [
    { instrument: { fetch: { propagateTo: "https://a.example" } } },
    `instrument.fetch.propagateTo "https://a.example" must be an array; each item is ${ORIGIN}`,
  ],
  [
    { instrument: { fetch: { propagateTo: [/a/, "a.example"] } } },
    `instrument.fetch.propagateTo[1] "a.example" must be ${ORIGIN}`,
  ],
  [
    { instrument: { fetch: { propagateTo: ["https://a.example/path"] } } },
    `instrument.fetch.propagateTo[0] "https://a.example/path" must be ${ORIGIN}`,
  ],
  [
    { instrument: { fetch: { propagateTo: [7] } } },
    `instrument.fetch.propagateTo[0] 7 must be ${ORIGIN}`,
  ],
  [
    { instrument: { queues: ["ORDERS"] } },
    'instrument.queues (object) must be an object, e.g. { propagate: ["ORDERS"] }',
  ],
  [
    { instrument: { queues: { propagate: "ORDERS" } } },
    'instrument.queues.propagate "ORDERS" must be an array; each item is the name of a binding',
  ],
  [
    { instrument: { queues: { propagate: ["ORDERS", ""] } } },
    'instrument.queues.propagate[1] "" must be the name of a binding',
  ],
  [
    { instrument: { workflows: { binding: "CHECKOUT" } } },
    'option "instrument.workflows.binding" is not known; instrument.workflows may have propagate',
  ],
  [{ instrument: { lambda: true } }, "instrument.lambda true must be an object"],
  [
    { instrument: { lambda: { xray: true } } },
    'option "instrument.lambda.xray" is not known; instrument.lambda may have xrayParent, stepFunctions',
  ],
  [
    { instrument: { lambda: { xrayParent: "yes" } } },
    'instrument.lambda.xrayParent "yes" must be true or false',
  ],
  [{ limits: { eventCountLimit: -1 } }, `limits.eventCountLimit -1 ${LIMIT}`],
  [{ limits: { linkCountLimit: 1.5 } }, `limits.linkCountLimit 1.5 ${LIMIT}`],
  [{ limits: { attributeCountLimit: "9" } }, `limits.attributeCountLimit "9" ${LIMIT}`],
  [{ limits: { attributeCountLimit: Number.NaN } }, `limits.attributeCountLimit NaN ${LIMIT}`],
  [{ disabled: "false" }, 'disabled "false" must be true or false'],
  [{ strict: 1 }, "strict 1 must be true or false"],
  [{ clock: Date.now }, "clock (function) must be an object with now()"],
  [{ ids: {} }, "ids (object) must be an id generator"],
];

describe("a wrong option throws a ConfigError that names it, its value and the fix", () => {
  test.each(WRONG)("%j", (options, message) => {
    expect(complaint(options)).toBe(`edgespan: ${message}`);
  });
});
