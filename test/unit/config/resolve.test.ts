import { ROOT_CONTEXT, TraceFlags, defaultTextMapSetter, trace } from "@opentelemetry/api";
import type { Context, TextMapPropagator } from "@opentelemetry/api";
import type { Sampler } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import { variablesOf } from "../../../src/config/environment.ts";
import { ConfigError } from "../../../src/config/error.ts";
import type { Options } from "../../../src/config/options.ts";
import { type Config, resolveConfig } from "../../../src/config/resolve.ts";

function resolve(options: Options = {}, variables: Record<string, string> = {}): Config {
  return resolveConfig(options, variablesOf(variables));
}

function complaint(variables: Record<string, string>): string {
  try {
    resolve({}, variables);
    return "(accepted)";
  } catch (error) {
    return error instanceof ConfigError ? error.message : `not a ConfigError: ${String(error)}`;
  }
}

describe("the resource", () => {
  const OTEL_RESOURCE_ATTRIBUTES = "service.name=attributes,team=a%20b,region=eu";

  test.each<[string, Options, Record<string, string>, Record<string, unknown>]>([
    ["nothing", {}, {}, {}],
    [
      "OTEL_RESOURCE_ATTRIBUTES, percent-decoded",
      {},
      { OTEL_RESOURCE_ATTRIBUTES },
      { "service.name": "attributes", team: "a b", region: "eu" },
    ],
    [
      "OTEL_SERVICE_NAME over OTEL_RESOURCE_ATTRIBUTES",
      {},
      { OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: "variable" },
      { "service.name": "variable", team: "a b", region: "eu" },
    ],
    [
      "the option resource over variables",
      { resource: { "service.name": "resource", team: "c", cores: 2 } },
      { OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: "variable" },
      { "service.name": "resource", team: "c", region: "eu", cores: 2 },
    ],
    [
      "the option service over all",
      { service: "code", resource: { "service.name": "resource" } },
      { OTEL_SERVICE_NAME: "variable" },
      { "service.name": "code" },
    ],
    [
      "all parts of the option service",
      { service: { name: "n", namespace: "ns", version: "v" } },
      {},
      { "service.name": "n", "service.namespace": "ns", "service.version": "v" },
    ],
    [
      "a service version beside the name of a variable",
      { service: { version: "v" } },
      { OTEL_SERVICE_NAME: "variable" },
      { "service.name": "variable", "service.version": "v" },
    ],
    [
      "nothing for empty variables",
      {},
      { OTEL_SERVICE_NAME: "", OTEL_RESOURCE_ATTRIBUTES: " " },
      {},
    ],
    ["nothing for empty parts", { service: { namespace: "", version: "" } }, {}, {}],
  ])("holds %s", (_, options, variables, expected) => {
    expect(resolve(options, variables).resource).toEqual(expected);
  });

  it("names OTEL_RESOURCE_ATTRIBUTES and the place of a wrong pair", () => {
    expect(complaint({ OTEL_RESOURCE_ATTRIBUTES: "a=b,c" })).toBe(
      'edgespan: OTEL_RESOURCE_ATTRIBUTES entry 2 must be "name=value", percent-encoded',
    );
  });
});

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

function parent(traceFlags: number): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: "b7ad6b7169203331",
    traceFlags,
  });
}

/** Decisions without a parent, under an unsampled and under a sampled one. */
function decisions(sampler: Sampler): number[] {
  return [ROOT_CONTEXT, parent(TraceFlags.NONE), parent(TraceFlags.SAMPLED)].map(
    (context) => sampler.shouldSample(context, TRACE_ID, "s", 0, {}, []).decision,
  );
}

const DROP = 0;
const SAMPLE = 2;

describe("the sampler", () => {
  test.each([
    ["", "", [SAMPLE, DROP, SAMPLE]],
    ["always_on", "", [SAMPLE, SAMPLE, SAMPLE]],
    ["always_off", "", [DROP, DROP, DROP]],
    ["traceidratio", "0", [DROP, DROP, DROP]],
    ["traceidratio", "1", [SAMPLE, SAMPLE, SAMPLE]],
    ["traceidratio", "", [SAMPLE, SAMPLE, SAMPLE]],
    ["parentbased_always_on", "", [SAMPLE, DROP, SAMPLE]],
    ["parentbased_always_off", "", [DROP, DROP, SAMPLE]],
    ["parentbased_traceidratio", "0", [DROP, DROP, SAMPLE]],
    ["parentbased_traceidratio", "1.0", [SAMPLE, DROP, SAMPLE]],
    ["parentbased_traceidratio", "", [SAMPLE, DROP, SAMPLE]],
    ["always_on", "no ratio, and none is needed", [SAMPLE, SAMPLE, SAMPLE]],
  ])("named %j with argument %j decides as its name says", (name, arg, expected) => {
    const variables = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: arg };
    expect(decisions(resolve({}, variables).sampler)).toEqual(expected);
  });

  it("of code replaces that of the variables, which are then not read", () => {
    const head: Sampler = { shouldSample: () => ({ decision: DROP }), toString: () => "mine" };
    const { sampler } = resolve({ sampling: { head } }, { OTEL_TRACES_SAMPLER: "wrong" });
    expect(sampler).toBe(head);
  });

  test.each(["always", "Always_On", "toString", "__proto__", "jaeger_remote"])(
    "named %j is refused, naming all there are",
    (name) => {
      expect(complaint({ OTEL_TRACES_SAMPLER: name })).toBe(
        `edgespan: OTEL_TRACES_SAMPLER "${name}" must be one of always_on, always_off, ` +
          "traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio",
      );
    },
  );

  test.each(["-0.1", "1.1", "half", "NaN", "Infinity", "0,5"])("argument %j is refused", (arg) => {
    const names = ["traceidratio", "parentbased_traceidratio"];
    const message = `edgespan: OTEL_TRACES_SAMPLER_ARG "${arg}" must be a number from 0 to 1`;
    expect(
      names.map((OTEL_TRACES_SAMPLER) =>
        complaint({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: arg }),
      ),
    ).toEqual([message, message]);
  });
});

describe("the limits", () => {
  const DEFAULTS = {
    attributeCountLimit: 128,
    attributeValueLengthLimit: Number.POSITIVE_INFINITY,
    eventCountLimit: 128,
    linkCountLimit: 128,
    attributePerEventCountLimit: 128,
    attributePerLinkCountLimit: 128,
  };

  test.each<[string, Options["limits"], Record<string, string>, Partial<typeof DEFAULTS>]>([
    ["the defaults of the specification", undefined, {}, {}],
    [
      "the general attribute limits",
      undefined,
      { OTEL_ATTRIBUTE_COUNT_LIMIT: "1", OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "2" },
      { attributeCountLimit: 1, attributeValueLengthLimit: 2 },
    ],
    [
      "those of spans over the general ones",
      undefined,
      {
        OTEL_ATTRIBUTE_COUNT_LIMIT: "1",
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "2",
        OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "3",
        OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "4",
      },
      { attributeCountLimit: 3, attributeValueLengthLimit: 4 },
    ],
    [
      "every other variable",
      undefined,
      {
        OTEL_SPAN_EVENT_COUNT_LIMIT: "5",
        OTEL_SPAN_LINK_COUNT_LIMIT: "0",
        OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: "7",
        OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: "8",
      },
      {
        eventCountLimit: 5,
        linkCountLimit: 0,
        attributePerEventCountLimit: 7,
        attributePerLinkCountLimit: 8,
      },
    ],
    [
      "code over variables",
      { eventCountLimit: 1 },
      { OTEL_SPAN_EVENT_COUNT_LIMIT: "5", OTEL_SPAN_LINK_COUNT_LIMIT: "6" },
      { eventCountLimit: 1, linkCountLimit: 6 },
    ],
    [
      "the defaults for empty variables",
      undefined,
      { OTEL_SPAN_EVENT_COUNT_LIMIT: "", OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: " " },
      {},
    ],
  ])("are %s", (_, limits, variables, expected) => {
    expect(resolve(limits ? { limits } : {}, variables).limits).toEqual({
      ...DEFAULTS,
      ...expected,
    });
  });

  it("keep their value where code passes undefined", () => {
    const limits = { eventCountLimit: undefined } as unknown as Options["limits"];
    const variables = { OTEL_SPAN_EVENT_COUNT_LIMIT: "5" };
    expect(resolve({ limits: limits! }, variables).limits.eventCountLimit).toBe(5);
  });

  test.each([
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
  ])("%s is refused where it is no whole number", (name) => {
    expect(complaint({ [name]: "many" })).toBe(
      `edgespan: ${name} "many" must be a whole number of 0 or more`,
    );
  });
});

describe("the propagators", () => {
  test.each([
    ["", ["traceparent", "tracestate", "baggage"]],
    ["tracecontext", ["traceparent", "tracestate"]],
    ["baggage", ["baggage"]],
    [" baggage , tracecontext ", ["baggage", "traceparent", "tracestate"]],
    ["baggage,baggage", ["baggage"]],
    ["none", []],
    ["none,baggage", ["baggage"]],
  ])("OTEL_PROPAGATORS=%j writes the fields %j", (names, fields) => {
    expect(resolve({}, { OTEL_PROPAGATORS: names }).propagator.fields()).toEqual(fields);
  });

  it("none injects nothing", () => {
    const carrier = {};
    const { propagator } = resolve({}, { OTEL_PROPAGATORS: "none" });
    propagator.inject(parent(TraceFlags.SAMPLED), carrier, defaultTextMapSetter);
    expect(carrier).toEqual({});
  });

  it("of code replace those of the variable, which is then not read", () => {
    const mine: TextMapPropagator = {
      inject() {},
      extract: (context) => context,
      fields: () => ["x-mine"],
    };
    const { propagator } = resolve({ propagators: [mine] }, { OTEL_PROPAGATORS: "wrong" });
    expect(propagator.fields()).toEqual(["x-mine"]);
  });

  test.each([
    ["b3", "b3"],
    ["tracecontext,xray", "xray"],
    ["toString", "toString"],
  ])("%j is refused, naming the wrong one and the way to pass it", (names, wrong) => {
    expect(complaint({ OTEL_PROPAGATORS: names })).toBe(
      `edgespan: OTEL_PROPAGATORS "${wrong}" is not built in; use tracecontext, baggage, none, or options.propagators`,
    );
  });
});

describe("outgoing fetch", () => {
  test.each<[string, Options, boolean]>([
    ["by default", {}, true],
    ["with instrument but no fetch", { instrument: {} }, true],
    ["with true", { instrument: { fetch: true } }, true],
    ["with options", { instrument: { fetch: {} } }, true],
    ["with false", { instrument: { fetch: false } }, false],
  ])("%s is traced or not", (_, options, expected) => {
    expect(resolve(options).tracesFetch).toBe(expected);
  });

  type Rule = readonly (string | RegExp)[] | ((url: URL) => boolean);
  test.each<[string, Rule | undefined, string, boolean]>([
    ["no rule", undefined, "https://a.example/x", true],
    ["an empty list", [], "https://a.example/x", false],
    ["its origin", ["https://a.example"], "https://a.example/x?y", true],
    ["another origin", ["https://a.example"], "https://a.example.evil/x", false],
    ["another scheme", ["https://a.example"], "http://a.example/x", false],
    ["another port", ["https://a.example"], "https://a.example:8443/x", false],
    ["a matching pattern", ["https://b.example", /\/x$/], "https://a.example/x", true],
    ["a pattern that does not match", [/^https:\/\/b/], "https://a.example/x", false],
    ["a function that says yes", (url) => url.pathname === "/x", "https://a.example/x", true],
    ["a function that says no", () => false, "https://a.example/x", false],
  ])("%s decides who gets context", (_, propagateTo, url, expected) => {
    const fetch = propagateTo ? { propagateTo } : {};
    expect(resolve({ instrument: { fetch } }).propagateTo(new URL(url))).toBe(expected);
  });

  it("matches a pattern with the g flag each time alike", () => {
    const { propagateTo } = resolve({ instrument: { fetch: { propagateTo: [/a\.example/g] } } });
    const url = new URL("https://a.example/x");
    expect([propagateTo(url), propagateTo(url), propagateTo(url)]).toEqual([true, true, true]);
  });
});

it("refuses a wrong option before it looks at any variable", () => {
  expect(() => resolve({ exporter: "zipkin" as never }, { OTEL_TRACES_SAMPLER: "wrong" })).toThrow(
    new ConfigError('edgespan: exporter "zipkin" must be "otlp", "console", "none" or { url, … }'),
  );
});
