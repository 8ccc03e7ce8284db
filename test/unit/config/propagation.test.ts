import { ROOT_CONTEXT, defaultTextMapSetter, trace } from "@opentelemetry/api";
import type { TextMapPropagator } from "@opentelemetry/api";
import { describe, expect, it, test } from "vitest";
import type { Options } from "../../../src/config/options.ts";
import * as propagators from "../../../src/propagators.ts";
import { complaint, resolved } from "./resolved.ts";

const { jaeger } = propagators;

const parent = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: 1,
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
    expect(resolved({}, { OTEL_PROPAGATORS: names }).propagator.fields()).toEqual(fields);
  });

  it("none injects nothing", () => {
    const carrier = {};
    const { propagator } = resolved({}, { OTEL_PROPAGATORS: "none" });
    propagator.inject(parent, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({});
  });

  it("of code replace those of the variable, which is then not read", () => {
    const mine: TextMapPropagator = {
      inject() {},
      extract: (context) => context,
      fields: () => ["x-mine"],
    };
    const { propagator } = resolved({ propagators: [mine] }, { OTEL_PROPAGATORS: "wrong" });
    expect(propagator.fields()).toEqual(["x-mine"]);
  });

  it("of code may be named, those that are built in among them", () => {
    const { propagator } = resolved({ propagators: ["baggage", jaeger, "tracecontext"] });
    expect(propagator.fields()).toEqual(["baggage", "uber-trace-id", "traceparent", "tracestate"]);
  });

  test.each([
    ["", ["traceparent", "tracestate", "baggage"]],
    ["jaeger", ["uber-trace-id"]],
    ["b3, tracecontext", ["b3", "traceparent", "tracestate"]],
    ["b3multi", ["x-b3-traceid", "x-b3-spanid", "x-b3-flags", "x-b3-sampled", "x-b3-parentspanid"]],
    ["xray,none", ["x-amzn-trace-id"]],
    ["xray-lambda", ["x-amzn-trace-id", "_X_AMZN_TRACE_ID"]],
  ])("that are loaded by name are chosen by OTEL_PROPAGATORS=%j", (names, fields) => {
    const { propagator } = resolved({ propagators }, { OTEL_PROPAGATORS: names });
    expect(propagator.fields()).toEqual(fields);
  });

  it("that are loaded by name leave out what is not among them", () => {
    const options = { propagators: { jaeger } };
    expect(() => resolved(options, { OTEL_PROPAGATORS: "jaeger,b3" })).toThrow(
      'edgespan: OTEL_PROPAGATORS "b3" is not built in; use tracecontext, baggage, jaeger, none, or options.propagators of "edgespan/propagators"',
    );
  });

  test.each([
    ["b3", "b3"],
    ["tracecontext,xray", "xray"],
    ["xray-lambda", "xray-lambda"],
    ["toString", "toString"],
  ])("%j is refused, naming the wrong one and the way to pass it", (names, wrong) => {
    expect(complaint({}, { OTEL_PROPAGATORS: names })).toBe(
      `edgespan: OTEL_PROPAGATORS "${wrong}" is not built in; use tracecontext, baggage, none, or options.propagators of "edgespan/propagators"`,
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
    expect(resolved(options).tracesFetch).toBe(expected);
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
    expect(resolved({ instrument: { fetch } }).propagateTo(new URL(url))).toBe(expected);
  });

  it("matches a pattern with the g flag each time alike", () => {
    const { propagateTo } = resolved({ instrument: { fetch: { propagateTo: [/a\.example/g] } } });
    const url = new URL("https://a.example/x");
    expect([propagateTo(url), propagateTo(url), propagateTo(url)]).toEqual([true, true, true]);
  });
});
