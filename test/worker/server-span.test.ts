import { HTTPException } from "hono/http-exception";
import { describe, expect, test } from "vitest";
import { invoke, request, sleep, thrownBy } from "./invoke.ts";
import { createCollector } from "edgespan/testing";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { instrument } from "edgespan/worker";
import { exporterOf } from "./invoke.ts";

const HEX_16 = expect.stringMatching(/^[0-9a-f]{16}$/);
const HEX_32 = expect.stringMatching(/^[0-9a-f]{32}$/);

const RESOURCE = {
  "service.name": "unknown_service",
  "telemetry.sdk.name": "edgespan",
  "telemetry.sdk.language": "js",
  "telemetry.sdk.version": expect.stringMatching(/^\d+\.\d+\.\d+$/),
  "cloud.provider": "cloudflare",
  "cloud.platform": "cloudflare.workers",
};

const hello = { fetch: () => new Response("hello") };

describe("a server span", () => {
  test("tells all that the conventions ask of a request", async () => {
    const sent = new Request(
      "http://shop.test:8787/cart/7?page=2&sig=secret&Signature=secret#top",
      {
        method: "POST",
        body: "{}",
        headers: {
          "user-agent": "curl/8",
          "cf-ray": "8f00ba4-AMS",
          traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          tracestate: "vendor=value",
        },
        cf: { colo: "AMS", httpProtocol: "HTTP/2" },
      } as RequestInit,
    );
    const before = Date.now();
    const { spans } = await invoke(
      { fetch: () => new Response("made", { status: 201 }) },
      { request: sent, env: { CF_VERSION_METADATA: { id: "v-1", tag: "t", timestamp: "now" } } },
    );
    expect(spans).toEqual([
      {
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: HEX_16,
        parentSpanId: "b7ad6b7169203331",
        traceState: "vendor=value",
        name: "POST",
        kind: "SERVER",
        startMs: expect.any(Number),
        durationMs: expect.any(Number),
        attributes: {
          "http.request.method": "POST",
          "url.scheme": "http",
          "url.path": "/cart/7",
          "url.query": "page=2&sig=REDACTED&Signature=REDACTED",
          "server.address": "shop.test",
          "server.port": 8787,
          "user_agent.original": "curl/8",
          "network.protocol.name": "http",
          "network.protocol.version": "2",
          "faas.trigger": "http",
          "cloudflare.ray_id": "8f00ba4-AMS",
          "cloudflare.colo": "AMS",
          "faas.coldstart": true,
          "http.response.status_code": 201,
        },
        events: [],
        links: [],
        status: { code: "UNSET", message: undefined },
        resource: { ...RESOURCE, "cloudflare.script_version.id": "v-1" },
        scope: "edgespan",
      },
    ]);
    expect(spans[0]?.startMs).toBeGreaterThanOrEqual(before);
    expect(spans[0]?.startMs).toBeLessThanOrEqual(Date.now());
    expect(spans[0]?.durationMs).toBeGreaterThanOrEqual(0);
  });

  test("leaves out what the request does not tell", async () => {
    const { spans } = await invoke(hello, { request: new Request("https://shop.test/") });
    expect(spans).toEqual([
      {
        traceId: HEX_32,
        spanId: HEX_16,
        parentSpanId: undefined,
        traceState: undefined,
        name: "GET",
        kind: "SERVER",
        startMs: expect.any(Number),
        durationMs: expect.any(Number),
        attributes: {
          "http.request.method": "GET",
          "url.scheme": "https",
          "url.path": "/",
          "server.address": "shop.test",
          "faas.trigger": "http",
          "faas.coldstart": false,
          "http.response.status_code": 200,
        },
        events: [],
        links: [],
        status: { code: "UNSET", message: undefined },
        resource: RESOURCE,
        scope: "edgespan",
      },
    ]);
  });

  test.each(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])(
    "is named after the method %s",
    async (method) => {
      const { spans } = await invoke(hello, { request: request("/", { method }) });
      expect(spans).toMatchObject([
        { name: method, attributes: { "http.request.method": method } },
      ]);
    },
  );

  test("is named HTTP where the conventions do not know the method", async () => {
    const { spans } = await invoke(hello, { request: request("/", { method: "PROPFIND" }) });
    expect(spans).toMatchObject([
      {
        name: "HTTP",
        attributes: {
          "http.request.method": "_OTHER",
          "http.request.method_original": "PROPFIND",
        },
      },
    ]);
  });

  test("carries the service and resource that options and env name", async () => {
    const { spans } = await invoke(hello, {
      env: {
        OTEL_SERVICE_NAME: "from-env",
        OTEL_RESOURCE_ATTRIBUTES: "team=checkout,deployment.environment.name=staging",
      },
      options: {
        service: { namespace: "shop", version: "1.2.3" },
        resource: { team: "payments" },
      },
    });
    expect(spans[0]?.resource).toEqual({
      ...RESOURCE,
      "service.name": "from-env",
      "service.namespace": "shop",
      "service.version": "1.2.3",
      "deployment.environment.name": "staging",
      team: "payments",
    });
  });
});

describe("the status of a server span", () => {
  test.each([200, 204, 302, 400, 404, 418, 429, 499])("%i is no error", async (status) => {
    const { spans } = await invoke({ fetch: () => new Response(null, { status }) });
    expect(spans).toMatchObject([
      {
        attributes: { "http.response.status_code": status },
        status: { code: "UNSET", message: undefined },
        events: [],
      },
    ]);
    expect(spans[0]?.attributes).not.toHaveProperty("error.type");
  });

  test.each([500, 502, 503, 599])("%i is an error", async (status) => {
    const { spans } = await invoke({ fetch: () => new Response(null, { status }) });
    expect(spans).toMatchObject([
      {
        attributes: { "http.response.status_code": status, "error.type": String(status) },
        status: { code: "ERROR", message: undefined },
        events: [],
      },
    ]);
  });
});

describe("a thrown value is recorded on the server span", () => {
  class OutOfStock extends Error {
    override readonly name = "OutOfStock";
  }
  const kinds: [string, unknown, string, string | undefined][] = [
    ["an Error", new Error("boom"), "Error", "boom"],
    ["an error of the application", new OutOfStock("no socks"), "OutOfStock", "no socks"],
    ["a frozen Error", Object.freeze(new RangeError("cold")), "RangeError", "cold"],
    ["a DOMException", new DOMException("gone", "AbortError"), "AbortError", "gone"],
    ["an HTTPException", new HTTPException(400, { message: "bad" }), "Error", "bad"],
    ["a string", "boom", "string", "boom"],
    ["a number", 42, "number", "42"],
    ["undefined", undefined, "undefined", "undefined"],
    ["null", null, "object", "null"],
    ["an object", { message: "from an object" }, "object", "from an object"],
    ["an object that cannot be told", Object.create(null), "_OTHER", undefined],
  ];

  test.each(kinds)("%s", async (_kind, thrown, type, message) => {
    const spans = await Promise.all([spansOf(throwNow), spansOf(throwLater)]);
    for (const [root] of spans) {
      expect(root).toMatchObject({
        name: "GET",
        attributes: { "error.type": type },
        status: { code: "ERROR", message },
      });
      expect(root?.attributes).not.toHaveProperty("http.response.status_code");
      if (message === undefined) continue;
      expect(root?.events).toEqual([
        {
          name: "exception",
          attributes: expect.objectContaining({ "exception.message": message }),
        },
      ]);
    }

    function throwNow(): Response {
      throw thrown;
    }
    async function throwLater(): Promise<Response> {
      await sleep(0);
      throw thrown;
    }
  });

  test("with the type, message and stack of an Error", async () => {
    const [root] = await spansOf(() => {
      throw new OutOfStock("no socks");
    });
    expect(root?.events).toEqual([
      {
        name: "exception",
        attributes: {
          "exception.type": "OutOfStock",
          "exception.message": "no socks",
          "exception.stacktrace": expect.stringContaining("no socks"),
        },
      },
    ]);
  });

  test("with the name of a DOMException as its type, never its number", async () => {
    const [root] = await spansOf(() => {
      throw new DOMException("gone", "AbortError");
    });
    expect(root?.events[0]?.attributes["exception.type"]).toBe("AbortError");
  });

  async function spansOf(fetch: () => Response | Promise<Response>) {
    const collector = createCollector();
    const ctx = createExecutionContext();
    const handler = { fetch: (_request: Request, _env: unknown, _ctx: unknown) => fetch() };
    const traced = instrument(handler, exporterOf(collector));
    expect(await thrownBy(() => traced.fetch(request(), {}, ctx))).toBeDefined();
    await waitOnExecutionContext(ctx);
    return collector.spans();
  }
});
