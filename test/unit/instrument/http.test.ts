import { ROOT_CONTEXT, type Span, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import {
  type ServerRequest,
  httpSpanName,
  methodAttributes,
  recordStatus,
  serverAttributes,
} from "../../../src/instrument/http.ts";
import { recordFailure } from "../../../src/trace/failure.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { scopeWith } from "../tracing.ts";

const METHODS = "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY".split(" ");

describe("a method", () => {
  test.each(METHODS)("%s is known", (method) => {
    expect([methodAttributes(method), httpSpanName(method), httpSpanName(method, "/a/:b")]).toEqual(
      [{ "http.request.method": method }, method, `${method} /a/:b`],
    );
  });

  test.each(["get", "Get", "PROPFIND", "GET ", "GETX", "", "_OTHER"])("%j is not", (method) => {
    expect([methodAttributes(method), httpSpanName(method), httpSpanName(method, "/a")]).toEqual([
      { "http.request.method": "_OTHER", "http.request.method_original": method },
      "HTTP",
      "HTTP /a",
    ]);
  });
});

const BARE: ServerRequest = {
  method: "GET",
  scheme: undefined,
  path: "/",
  query: undefined,
  address: undefined,
  userAgent: undefined,
  protocol: undefined,
};

describe("the attributes of a server span", () => {
  const bare = { "http.request.method": "GET", "url.path": "/" };
  const recorded = (request: Partial<ServerRequest>): unknown => {
    const options = { attributes: serverAttributes({ ...BARE, ...request }) };
    return (startSpan(scopeWith(), OWN, "s", options, ROOT_CONTEXT) as Span & ReadableSpan)
      .attributes;
  };

  it("tell all that is known", () => {
    expect(
      recorded({
        method: "POST",
        scheme: "https",
        path: "/orders/7",
        query: "page=2&sig=hunter2",
        address: "shop.example",
        port: 8443,
        userAgent: "curl/8",
        protocol: "HTTP/1.1",
        route: "/orders/:id",
      }),
    ).toEqual({
      "http.request.method": "POST",
      "url.scheme": "https",
      "url.path": "/orders/7",
      "url.query": "page=2&sig=REDACTED",
      "http.route": "/orders/:id",
      "server.address": "shop.example",
      "server.port": 8443,
      "user_agent.original": "curl/8",
      "network.protocol.name": "http",
      "network.protocol.version": "1.1",
    });
  });

  it("leave out what is not", () => {
    expect([recorded({}), recorded({ query: "" })]).toEqual([bare, bare]);
  });

  test.each([
    ["HTTP/1.0", "http", "1.0"],
    ["HTTP/2", "http", "2"],
    ["HTTP/3", "http", "3"],
  ])("split the protocol %s", (protocol, name, version) => {
    expect(recorded({ protocol })).toEqual({
      ...bare,
      "network.protocol.name": name,
      "network.protocol.version": version,
    });
  });

  it("tell no protocol where the version is missing", () => {
    expect([recorded({ protocol: "HTTP" }), recorded({ protocol: "" })]).toEqual([bare, bare]);
  });
});

function newSpan(): Span & ReadableSpan {
  return startSpan(scopeWith(), OWN, "s", {}, ROOT_CONTEXT) as Span & ReadableSpan;
}

describe("a status", () => {
  const unset = SpanStatusCode.UNSET;
  const failed = SpanStatusCode.ERROR;
  test.each<[number, 400 | 500, SpanStatusCode]>([
    [200, 500, unset],
    [302, 500, unset],
    [399, 400, unset],
    [400, 500, unset],
    [404, 500, unset],
    [499, 500, unset],
    [500, 500, failed],
    [503, 500, failed],
    [599, 500, failed],
    [400, 400, failed],
    [404, 400, failed],
    [500, 400, failed],
    [101, 400, unset],
    [0, 400, unset],
  ])("%i where errors begin at %i gives the span status %i", (status, errorFrom, code) => {
    const span = newSpan();
    recordStatus(span, status, errorFrom);
    expect([span.attributes, span.status]).toEqual([
      {
        "http.response.status_code": status,
        ...(code === failed && { "error.type": String(status) }),
      },
      { code },
    ]);
  });

  it("leaves the error that was recorded before", () => {
    const span = newSpan();
    recordFailure(span, new TypeError("no"));
    recordStatus(span, 500, 500);
    expect([span.attributes, span.status]).toEqual([
      { "error.type": "TypeError", "http.response.status_code": 500 },
      { code: failed, message: "no" },
    ]);
  });

  it("of what is no response is none", () => {
    const span = newSpan();
    recordStatus(span, undefined as never, 500);
    expect([span.attributes, span.status]).toEqual([{}, { code: unset }]);
  });
});
