import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../../src/config/error.ts";
import type { Options, OtlpExporterOptions } from "../../../src/config/options.ts";
import { protobuf } from "../../../src/export/http-protobuf.ts";
import { grpc } from "../../../src/export/over-grpc.ts";
import { json } from "../../../src/export/protocol.ts";
import { type Variables, exporters, otlp } from "./resolved.ts";

const LOCAL = expect.objectContaining({ url: "http://localhost:4318/v1/traces" });
const SDK_EXPORTER = { export() {}, shutdown: async () => {} };

describe("the exporters", () => {
  const NAME = "OTEL_TRACES_EXPORTER";

  test.each<[Options["exporter"], string, unknown[]]>([
    [undefined, "none", []],
    [undefined, "console", ["console"]],
    [undefined, "otlp/stdout", ["otlp/stdout"]],
    [undefined, "otlp", [LOCAL]],
    [undefined, "", [LOCAL]],
    [undefined, "otlp, console", [LOCAL, "console"]],
    [undefined, "none,otlp/stdout", ["otlp/stdout"]],
    ["none", "console", []],
    ["console", "none", ["console"]],
    ["otlp/stdout", "none", ["otlp/stdout"]],
    ["otlp", "none", [LOCAL]],
    [{ url: "https://a/b" }, "none", [expect.objectContaining({ url: "https://a/b" })]],
    [[], "otlp", []],
    [["none", "none"], "otlp", []],
    [["console", "otlp"], "none", ["console", LOCAL]],
    [
      [{ url: "https://a/b" }, { url: "https://c/d" }],
      "none",
      [
        expect.objectContaining({ url: "https://a/b" }),
        expect.objectContaining({ url: "https://c/d" }),
      ],
    ],
  ])("with code %j and variable %j", (option, variable, expected) => {
    expect(exporters(option, { [NAME]: variable })).toEqual(expected);
  });

  it("of the SDK stay the objects that they are", () => {
    expect(exporters(SDK_EXPORTER)[0]).toBe(SDK_EXPORTER);
    expect(exporters(["console", SDK_EXPORTER])[1]).toBe(SDK_EXPORTER);
  });

  test.each([
    ["zipkin", "zipkin"],
    ["otlp,zipkin", "zipkin"],
    ["OTLP", "OTLP"],
  ])("named %j are refused", (value, wrong) => {
    expect(() => exporters(undefined, { [NAME]: value })).toThrow(
      new ConfigError(
        `edgespan: ${NAME} "${wrong}" is not built in; use otlp, otlp/stdout, console, none, or options.exporter`,
      ),
    );
  });
});

describe("the fetch", () => {
  it("of the application's own is kept", () => {
    const fetch = async (): Promise<Response> => new Response();
    expect(otlp({ fetch }).fetch).toBe(fetch);
  });

  it("of a service binding is called as its method", async () => {
    const calls: unknown[] = [];
    const binding = {
      async fetch(url: string, init: object) {
        calls.push([this === binding, url, init]);
        return { status: 200, body: null };
      },
    };
    const init = { method: "POST" } as never;
    const answer = await otlp({ fetch: binding }).fetch?.("https://a", init);
    expect([answer, calls]).toEqual([{ status: 200, body: null }, [[true, "https://a", init]]]);
  });
});

describe("the compression", () => {
  const ALL = "OTEL_EXPORTER_OTLP_COMPRESSION";
  const TRACES = "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION";
  test.each<[OtlpExporterOptions["compression"], Variables, boolean]>([
    [undefined, {}, true],
    [undefined, { [ALL]: "none" }, false],
    [undefined, { [ALL]: "NONE", [TRACES]: "gzip" }, true],
    ["none", { [ALL]: "gzip" }, false],
    ["gzip", { [TRACES]: "none" }, true],
  ])("of code %j and variables %j", (compression, variables, expected) => {
    expect(otlp(compression ? { compression } : {}, variables).gzip).toBe(expected);
  });

  test.each([ALL, TRACES])("%s is refused where it is another", (name) => {
    expect(() => otlp({}, { [name]: "br" })).toThrow(
      new ConfigError(`edgespan: ${name} "br" must be one of gzip, none`),
    );
  });
});

describe("the protocol", () => {
  const NAME = "OTEL_EXPORTER_OTLP_PROTOCOL";
  const TRACES = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";

  test.each([
    [json, "http://localhost:4318/v1/traces"],
    [protobuf, "http://localhost:4318/v1/traces"],
    [grpc, "http://localhost:4317/"],
  ])("of code is used, with the endpoint that is its own", (protocol, url) => {
    expect(otlp({ protocol }, { [NAME]: "unread" })).toMatchObject({ protocol, url });
  });

  it("grpc takes a general endpoint as it is", () => {
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://host:4317" };
    expect(otlp({ protocol: grpc }, variables).url).toBe("https://host:4317/");
  });

  test.each<[Variables, string, string]>([
    [{ [NAME]: "grpc" }, NAME, "grpc"],
    [{ [TRACES]: "http/protobuf" }, TRACES, "http/protobuf"],
    [{ [NAME]: "http/json", [TRACES]: "grpc" }, TRACES, "grpc"],
  ])("of the variables %j is refused, naming the way to pass it", (variables, name, value) => {
    expect(() => exporters(undefined, variables)).toThrow(
      new ConfigError(
        `edgespan: ${name} "${value}" is not built in; use "http/json", or exporter.protocol with ` +
          'protobuf of "edgespan/protobuf" or, on Node, grpc of "edgespan/grpc"',
      ),
    );
  });

  it("of traces decides alone", () => {
    expect(otlp({}, { [NAME]: "grpc", [TRACES]: "http/json" }).protocol).toBe(json);
  });
});
