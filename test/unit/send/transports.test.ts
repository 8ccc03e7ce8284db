import { setTimeout } from "node:timers/promises";
import { describe, expect, it, test } from "vitest";
import type { Endpoint, FetchLike, Send, SendResult } from "../../../src/send/send.ts";
import { viaFetch } from "../../../src/send/via-fetch.ts";
import { viaNodeHttp } from "../../../src/send/via-node-http.ts";
import { activeFrame } from "../../../src/trace/active.ts";
import { createCollector } from "../../../src/testing/collector.ts";
import { invocation } from "../tracing.ts";
import { serve } from "./server.ts";

const BODY = new TextEncoder().encode('{"resourceSpans":[]}');
const DELIVERED: SendResult = { status: "delivered" };

const TRANSPORTS: readonly (readonly [string, (endpoint: Endpoint) => Send])[] = [
  ["viaFetch", (endpoint) => viaFetch(endpoint)],
  ["viaNodeHttp", viaNodeHttp],
];

describe.each(TRANSPORTS)("%s", (_, transport) => {
  const send = (url: string, budgetMs = 5_000, headers = {}): Promise<SendResult> =>
    transport({ url, headers })(BODY, budgetMs);

  it("posts the body with its headers to the whole URL", async () => {
    const server = await serve((_request, response) => response.end());
    const headers = { authorization: "Bearer a", "content-type": "application/json" };
    expect(await send(server.url, 5_000, headers)).toEqual(DELIVERED);
    expect(server.received).toEqual([
      {
        method: "POST",
        url: "/v1/traces?key=k",
        headers: expect.objectContaining({ ...headers, "content-length": String(BODY.length) }),
        body: '{"resourceSpans":[]}',
      },
    ]);
  });

  test.each<[number, SendResult]>([
    [202, DELIVERED],
    [204, DELIVERED],
    [302, { status: "rejected", reason: "HTTP status 302" }],
    [400, { status: "rejected", reason: "HTTP status 400" }],
    [401, { status: "rejected", reason: "HTTP status 401" }],
    [429, { status: "retryable", reason: "HTTP status 429" }],
    [500, { status: "rejected", reason: "HTTP status 500" }],
    [503, { status: "retryable", reason: "HTTP status 503" }],
  ])("tells what HTTP status %i means", async (status, expected) => {
    const server = await serve((_request, response) => response.writeHead(status).end());
    expect(await send(server.url)).toEqual(expected);
  });

  it("follows no redirect, so that no credentials reach another host", async () => {
    const elsewhere = await serve((_request, response) => response.end());
    const server = await serve((_request, response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    expect(await send(server.url, 5_000, { authorization: "Bearer a" })).toEqual({
      status: "rejected",
      reason: "HTTP status 307",
    });
    expect(elsewhere.received).toEqual([]);
  });

  it("gives up when the budget is over, and lets go of the connection", async () => {
    const closed = Promise.withResolvers<void>();
    const server = await serve((request) => request.socket.once("close", () => closed.resolve()));
    const startedAt = performance.now();
    const result = await send(server.url, 60);
    const tookMs = performance.now() - startedAt;
    expect(result).toEqual({ status: "retryable", reason: expect.stringMatching(/60 ms/) });
    expect(tookMs).toBeGreaterThan(50);
    expect(tookMs).toBeLessThan(1_000);
    await closed.promise;
  });

  it("tells a refused connection", async () => {
    const server = await serve(() => {});
    await server.close();
    expect(await send(server.url)).toEqual({
      status: "retryable",
      reason: expect.stringMatching(/ECONNREFUSED|fetch failed/),
    });
  });

  it("tells a connection that is reset before any answer", async () => {
    const server = await serve((request) => request.socket.resetAndDestroy());
    expect(await send(server.url)).toEqual({
      status: "retryable",
      reason: expect.stringMatching(/ECONNRESET|fetch failed/),
    });
  });

  it("settles where the connection is reset amid the response", async () => {
    const server = await serve((request, response) => {
      response.writeHead(200, { "content-length": 1_000_000 });
      response.write("x".repeat(1_000), () => request.socket.resetAndDestroy());
    });
    const result = await send(server.url);
    expect(["delivered", "retryable"]).toContain(result.status);
  });

  it("neither waits for an endless response nor leaves it unread", async () => {
    const closed = Promise.withResolvers<void>();
    const server = await serve((_request, response) => {
      response.on("close", () => closed.resolve());
      const pour = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", pour);
      pour();
    });
    const startedAt = performance.now();
    const result = await send(server.url, 300);
    expect(result).toEqual(DELIVERED);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await closed.promise;
  });

  it("uses one connection for one export after another", async () => {
    const server = await serve((_request, response) => response.end("{}"));
    const again = transport({ url: server.url, headers: {} });
    for (let n = 0; n < 3; n++) {
      expect(await again(BODY, 5_000)).toEqual(DELIVERED);
      await setTimeout(5);
    }
    expect([server.received.length, server.connections()]).toEqual([3, 1]);
  });

  it("tells an address that does not exist", async () => {
    const result = await send("http://name.invalid/v1/traces");
    expect(result).toMatchObject({ status: "retryable" });
  });
});

describe("viaFetch", () => {
  const endpoint: Endpoint = { url: "https://backend/v1/traces", headers: { a: "1" } };
  const result = (fetch: FetchLike, budgetMs = 1_000): Promise<SendResult> =>
    viaFetch(endpoint, fetch)(BODY, budgetMs);

  it("uses the fetch that it is given, outside of any invocation", async () => {
    const calls: unknown[] = [];
    const fetch: FetchLike = async (url, { method, headers, body }) => {
      calls.push([url, method, headers, body, activeFrame()]);
      return { status: 200, body: null };
    };
    expect(await invocation(() => result(fetch))).toEqual(DELIVERED);
    expect(calls).toEqual([[endpoint.url, "POST", { a: "1" }, BODY, undefined]]);
  });

  it("cancels a body that is not read", async () => {
    let cancelled = 0;
    const body = { cancel: async () => void cancelled++ };
    expect([await result(async () => ({ status: 200, body })), cancelled]).toEqual([DELIVERED, 1]);
  });

  test.each<[string, FetchLike, SendResult]>([
    [
      "throws",
      () => {
        throw new Error("no");
      },
      { status: "retryable", reason: "no" },
    ],
    ["rejects with text", () => Promise.reject("no"), { status: "retryable", reason: "no" }],
    [
      "rejects with nothing",
      () => Promise.reject(undefined),
      { status: "retryable", reason: "undefined" },
    ],
    [
      "rejects with what cannot be printed",
      () => Promise.reject(Object.create(null)),
      { status: "retryable", reason: "(an unprintable value)" },
    ],
    [
      "has a code",
      () => Promise.reject(Object.assign(new Error("no"), { code: "EPIPE" })),
      { status: "retryable", reason: "EPIPE" },
    ],
  ])("never rejects, also where fetch %s", async (_, fetch, expected) => {
    expect(await result(fetch)).toEqual(expected);
  });

  it("gives up in time on a fetch that ignores its signal", async () => {
    const collector = createCollector();
    collector.answer(() => new Promise(() => {}));
    expect(await result(collector.fetch, 30)).toEqual({
      status: "retryable",
      reason: expect.stringMatching(/30 ms/),
    });
  });
});

describe("viaNodeHttp", () => {
  it("tries once more where a kept-alive connection turns out to be closed", async () => {
    let count = 0;
    const server = await serve((request, response) => {
      if (++count === 2) request.socket.resetAndDestroy();
      else response.end("{}");
    });
    const send = viaNodeHttp({ url: server.url, headers: {} });
    const results = [await send(BODY, 5_000)];
    await setTimeout(5);
    results.push(await send(BODY, 5_000));
    expect([results, server.received.length, server.connections()]).toEqual([
      [DELIVERED, DELIVERED],
      3,
      2,
    ]);
  });

  it("speaks TLS to https", async () => {
    const server = await serve(() => {});
    const result = await viaNodeHttp({ url: server.url.replace("http:", "https:"), headers: {} })(
      BODY,
      2_000,
    );
    expect(result.status).toBe("retryable");
    expect(server.received).toEqual([]);
  });
});
