import { ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import type { Context } from "@opentelemetry/api";
import type { Sampler } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../../src/config/error.ts";
import type { Options } from "../../../src/config/options.ts";
import { complaint, resolved } from "./resolved.ts";

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
    expect(resolved(options, variables).resource).toEqual(expected);
  });

  it("names OTEL_RESOURCE_ATTRIBUTES and the place of a wrong pair", () => {
    expect(complaint({}, { OTEL_RESOURCE_ATTRIBUTES: "a=b,c" })).toBe(
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
    ["Always_OFF", "", [DROP, DROP, DROP]],
  ])("named %j with argument %j decides as its name says", (name, arg, expected) => {
    const variables = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: arg };
    expect(decisions(resolved({}, variables).sampler)).toEqual(expected);
  });

  it("of code replaces that of the variables, which are then not read", () => {
    const head: Sampler = { shouldSample: () => ({ decision: DROP }), toString: () => "mine" };
    const { sampler } = resolved({ sampling: { head } }, { OTEL_TRACES_SAMPLER: "wrong" });
    expect(sampler).toBe(head);
  });

  test.each(["always", "always-on", "toString", "__proto__", "jaeger_remote"])(
    "named %j is refused, naming all there are",
    (name) => {
      expect(complaint({}, { OTEL_TRACES_SAMPLER: name })).toBe(
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
        complaint({}, { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: arg }),
      ),
    ).toEqual([message, message]);
  });
});

it("refuses a wrong option before it looks at any variable", () => {
  expect(() => resolved({ exporter: "zipkin" as never }, { OTEL_TRACES_SAMPLER: "wrong" })).toThrow(
    new ConfigError(
      'edgespan: exporter "zipkin" must be "otlp", "otlp/stdout", "console", "none", { url, … } or an SDK span exporter',
    ),
  );
});

test.each<[string, Options, boolean]>([
  ["by default", {}, true],
  ["with instrument but no streams", { instrument: {} }, true],
  ["with true", { instrument: { streams: true } }, true],
  ["with false", { instrument: { streams: false } }, false],
])("streams are traced or not: %s", (_, options, expected) => {
  expect(resolved(options).tracesStreams).toBe(expected);
});
