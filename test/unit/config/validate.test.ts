import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../../src/config/error.ts";
import type { Options } from "../../../src/config/options.ts";
import { resolveConfig } from "../../../src/config/resolve.ts";

function complaint(options: unknown): string {
  try {
    resolveConfig(options as Options, () => undefined);
  } catch (error) {
    return error instanceof ConfigError ? error.message : `not a ConfigError: ${String(error)}`;
  }
  return "(accepted)";
}

const noop = (): void => {};
const sampler = { shouldSample: () => ({ decision: 0 }), toString: () => "none" };
const propagator = { inject: noop, extract: noop, fields: () => [] };
const processor = { onStart: noop, onEnd: noop };
const OBJECT = "must be an object, or a function of env that returns one";
const EXPORTER = 'must be "otlp", "console", "none" or { url, … }';
const URL_FIX = "must be absolute, e.g. https://host/v1/traces";
const ORIGIN = 'an origin such as "https://api.example.com", or a RegExp';
const LIMIT = "must be a whole number of 0 or more, or Infinity";
const MILLISECONDS = "must be a number of milliseconds above 0";
const KNOWN =
  "service, resource, exporter, sampling, propagators, instrument, limits, spanProcessors, disabled, strict, clock, ids";

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
    'option "exporter.endpoint" is not known; exporter may have url, headers, timeoutMs, fetch',
  ],
  [{ sampling: { ratio: 1 } }, 'option "sampling.ratio" is not known; sampling may have head'],
  [{ instrument: { kv: true } }, 'option "instrument.kv" is not known; instrument may have fetch'],
  [
    { instrument: { fetch: { origins: [] } } },
    'option "instrument.fetch.origins" is not known; instrument.fetch may have propagateTo',
  ],
  [
    { limits: { spans: 1 } },
    'option "limits.spans" is not known; limits may have attributeCountLimit, attributeValueLengthLimit, eventCountLimit, linkCountLimit, attributePerEventCountLimit, attributePerLinkCountLimit',
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
  [{ exporter: [{ url: "https://host" }] }, `exporter (object) ${EXPORTER}`],
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
  [{ exporter: { fetch: {} } }, "exporter.fetch (object) must be a function like fetch"],
  [
    { sampling: { head: "always_on" } },
    'sampling.head "always_on" must be an OpenTelemetry sampler',
  ],
  [{ sampling: { head: {} } }, "sampling.head (object) must be an OpenTelemetry sampler"],
  [{ sampling: { head: null } }, "sampling.head (object) must be an OpenTelemetry sampler"],
  [{ sampling: "always_on" }, 'sampling "always_on" must be an object, e.g. { head: sampler }'],
  [
    { propagators: propagator },
    "propagators (object) must be an array; each item is a text map propagator",
  ],
  [{ propagators: [propagator, "b3"] }, 'propagators[1] "b3" must be a text map propagator'],
  [
    { propagators: [{ inject: noop, extract: noop }] },
    "propagators[0] (object) must be a text map propagator",
  ],
  [
    { spanProcessors: processor },
    "spanProcessors (object) must be an array; each item is a span processor",
  ],
  [{ spanProcessors: [null] }, "spanProcessors[0] (object) must be a span processor"],
  [
    { spanProcessors: [processor, { onStart: noop }] },
    "spanProcessors[1] (object) must be a span processor",
  ],
  [{ instrument: false }, "instrument false must be an object, e.g. { fetch: false }"],
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

const HEADERS = "exporter.headers";
const PLAIN = 'must be an object, e.g. { authorization: "Bearer …" }';

describe("an error about headers names the header and never its value", () => {
  test.each([
    [{ "x-key": 8_675_309 }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x-key": ["hunter2"] }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x-key": undefined }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x-key": "hunter2\nx: y" }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x-key": "hunter2…" }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x key": "hunter2" }, `${HEADERS} must be a valid header`],
    ["x-key=hunter2", `${HEADERS} ${PLAIN}`],
    [null, `${HEADERS} ${PLAIN}`],
    [["x-key", "hunter2"], `${HEADERS} ${PLAIN}`],
    [new Headers({ "x-key": "hunter2" }), `${HEADERS} ${PLAIN}`],
    [new Map([["x-key", "hunter2"]]), `${HEADERS} ${PLAIN}`],
  ])("%j", (headers, message) => {
    expect(complaint({ exporter: { headers } })).toBe(`edgespan: ${message}`);
  });
});

describe("an error about a URL never shows its credentials or its query", () => {
  test.each([
    [{ exporter: { url: "host/v1?api-key=hunter2" } }, `exporter.url "host/v1" ${URL_FIX}`],
    [{ exporter: { url: "host/v1#hunter2" } }, `exporter.url "host/v1" ${URL_FIX}`],
    [{ exporter: { url: "me:hunter2@host/v1" } }, `exporter.url (not shown) ${URL_FIX}`],
    [{ exporter: { url: "me:hun?ter2@host/v1" } }, `exporter.url (not shown) ${URL_FIX}`],
    [{ exporter: { url: "host?to=a@hunter2" } }, `exporter.url (not shown) ${URL_FIX}`],
    [{ exporter: { url: "h".repeat(200) } }, `exporter.url "${"h".repeat(100)}" ${URL_FIX}`],
    [{ exporter: "https://host?key=hunter2" }, `exporter "https://host" ${EXPORTER}`],
    [{ exporter: "https://me:hunter2@host" }, `exporter (not shown) ${EXPORTER}`],
    [
      { exporter: { url: "https://me:hunter2@host/v1" } },
      "exporter.url must hold no credentials; use headers",
    ],
    [
      { instrument: { fetch: { propagateTo: ["https://me:hunter2@host"] } } },
      `instrument.fetch.propagateTo[0] (not shown) must be ${ORIGIN}`,
    ],
  ])("%j", (options, message) => {
    expect(complaint(options)).toBe(`edgespan: ${message}`);
  });
});

describe("right options are accepted", () => {
  test.each<Options>([
    {},
    { service: "shop" },
    { service: { name: "shop", namespace: "eu", version: "1" } },
    { service: { version: "1" } },
    { resource: { team: "a" }, disabled: false, strict: true, clock: Date },
    { exporter: "otlp" },
    { exporter: "console" },
    { exporter: "none" },
    { exporter: {} },
    {
      exporter: {
        url: "HTTPS://host/v1/traces?key=a",
        headers: { authorization: "Bearer a/b+c=" },
        timeoutMs: 0.5,
        fetch: async () => new Response(),
      },
    },
    { sampling: {} },
    { sampling: { head: sampler } },
    { propagators: [] },
    { propagators: [propagator as never] },
    { spanProcessors: [processor as never] },
    { instrument: {} },
    { instrument: { fetch: true } },
    { instrument: { fetch: false } },
    { instrument: { fetch: { propagateTo: ["https://a.example", "http://b.example:81", /c/] } } },
    { instrument: { fetch: { propagateTo: () => true } } },
    { limits: { attributeCountLimit: 0, attributeValueLengthLimit: Number.POSITIVE_INFINITY } },
    { ids: { generateTraceId: () => "", generateSpanId: () => "" } },
  ])("%j", (options) => {
    expect(complaint(options)).toBe("(accepted)");
  });

  it("takes an option that is undefined as one that is not set", () => {
    const names = KNOWN.split(", ");
    expect(complaint(Object.fromEntries(names.map((name) => [name, undefined])))).toBe(
      "(accepted)",
    );
  });
});
