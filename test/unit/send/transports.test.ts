import { setTimeout } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it, test } from "vitest";
import type { Endpoint, Headers, Payload, Send, SendResult } from "../../../src/send/send.ts";
import { viaFetch } from "../../../src/send/via-fetch.ts";
import { viaNodeHttp } from "../../../src/send/via-node-http.ts";
import { serve } from "./server.ts";

const TEXT = '{"resourceSpans":[]}';
const BODY: Payload = { bytes: new TextEncoder().encode(TEXT), gzipped: false };
const delivered = (text: string): SendResult => ({
  status: "delivered",
  body: new Uint8Array(new TextEncoder().encode(text)),
});
const NOTHING = delivered("");
/** Both kinds of byte array as one. */
const plain = (result: SendResult): SendResult =>
  result.status === "delivered" && result.body
    ? { ...result, body: new Uint8Array(result.body) }
    : result;

const TRANSPORTS: readonly (readonly [string, (endpoint: Endpoint) => Send])[] = [
  ["viaFetch", (endpoint) => viaFetch(endpoint)],
  ["viaNodeHttp", viaNodeHttp],
];

describe.each(TRANSPORTS)("%s", (_, transport) => {
  const send = async (
    url: string,
    budgetMs = 5_000,
    headers: Endpoint["headers"] = () => ({}),
    body = BODY,
  ): Promise<SendResult> => plain(await transport({ url, headers })(body, budgetMs));

  it("posts the body with its headers to the whole URL", async () => {
    const server = await serve((_request, response) => response.end());
    const headers = { authorization: "Bearer a", "content-type": "application/json" };
    expect(await send(server.url, 5_000, () => headers)).toEqual(NOTHING);
    expect(server.received).toEqual([
      {
        method: "POST",
        url: "/v1/traces?key=k",
        headers: expect.objectContaining({ ...headers, "content-length": String(TEXT.length) }),
        body: TEXT,
      },
    ]);
    expect(server.received[0]?.headers).not.toHaveProperty("content-encoding");
  });

  it("says so of what is gzipped, and sends it as it is", async () => {
    const server = await serve((_request, response) => response.end());
    const gzipped: Payload = { bytes: gzipSync(TEXT), gzipped: true };
    await send(server.url, 5_000, () => ({}), gzipped);
    const [request] = server.received;
    expect([request?.headers["content-encoding"], request?.headers["content-length"]]).toEqual([
      "gzip",
      String(gzipped.bytes.length),
    ]);
    expect(gunzipSync(Buffer.from(request?.body ?? "", "latin1")).toString()).toBe(TEXT);
  });

  it("hands on what the backend answers, up to the length that is read", async () => {
    const short = '{"partialSuccess":{"rejectedSpans":"1"}}';
    const server = await serve((_request, response) => response.end(short));
    expect(await send(server.url)).toEqual(delivered(short));
    const long = await serve((_request, response) => response.end("x".repeat(3_000_000)));
    expect(await send(long.url)).toMatchObject({ status: "delivered" });
  });

  it("waits for headers that have to be asked for", async () => {
    const server = await serve((_request, response) => response.end());
    const headers = async (): Promise<Headers> => {
      await setTimeout(5);
      return { authorization: "Bearer a" };
    };
    expect(await send(server.url, 5_000, headers)).toEqual(NOTHING);
    expect(server.received[0]?.headers.authorization).toBe("Bearer a");
  });

  it("sends nothing where the headers cannot be had, and may be asked again", async () => {
    const server = await serve((_request, response) => response.end());
    const fails: Endpoint["headers"] = () => Promise.reject(new Error("no secret store"));
    const hangs: Endpoint["headers"] = () => new Promise(() => {});
    expect([await send(server.url, 5_000, fails), await send(server.url, 30, hangs)]).toEqual([
      { status: "retryable", reason: "no secret store" },
      { status: "retryable", reason: expect.stringMatching(/30 ms/) },
    ]);
    expect(server.received).toEqual([]);
  });

  test.each<[number, SendResult]>([
    [202, { status: "delivered" }],
    [204, { status: "delivered" }],
    [302, { status: "rejected", reason: "HTTP status 302", alive: false }],
    [400, { status: "rejected", reason: "HTTP status 400", alive: true }],
    [401, { status: "rejected", reason: "HTTP status 401", alive: false }],
    [413, { status: "tooLarge", reason: "HTTP status 413" }],
    [429, { status: "retryable", reason: "HTTP status 429" }],
    [500, { status: "rejected", reason: "HTTP status 500", alive: false }],
    [503, { status: "retryable", reason: "HTTP status 503" }],
  ])("tells what HTTP status %i means", async (status, expected) => {
    const server = await serve((_request, response) => response.writeHead(status).end());
    expect(await send(server.url)).toMatchObject(expected);
  });

  it("tells how long the backend asks to wait", async () => {
    const server = await serve((_request, response) =>
      response.writeHead(429, { "retry-after": "7" }).end(),
    );
    expect(await send(server.url)).toEqual({
      status: "retryable",
      reason: "HTTP status 429",
      retryAfterMs: 7_000,
    });
  });

  it("follows no redirect, so that no credentials reach another host", async () => {
    const elsewhere = await serve((_request, response) => response.end());
    const server = await serve((_request, response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    expect(await send(server.url, 5_000, () => ({ authorization: "Bearer a" }))).toEqual({
      status: "rejected",
      reason: "HTTP status 307",
      alive: false,
    });
    expect(elsewhere.received).toEqual([]);
  });

  it("gives up when the budget is over, and lets go of the connection", async () => {
    const closed = Promise.withResolvers<void>();
    const server = await serve((request) => request.socket.once("close", () => closed.resolve()));
    const startedAt = performance.now();
    const result = await send(server.url, 60);
    const tookMs = performance.now() - startedAt;
    // Of the budget, loading the transport may have taken a part.
    expect(result).toEqual({ status: "retryable", reason: expect.stringMatching(/\b\d\d? ms/) });
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
    expect(result.status).toBe("delivered");
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await closed.promise;
  });

  it("uses one connection for one export after another", async () => {
    const server = await serve((_request, response) => response.end("{}"));
    const again = transport({ url: server.url, headers: () => ({}) });
    for (let n = 0; n < 3; n++) {
      expect(plain(await again(BODY, 5_000))).toEqual(delivered("{}"));
      await setTimeout(5);
    }
    expect([server.received.length, server.connections()]).toEqual([3, 1]);
  });

  it("tells an address that does not exist", async () => {
    const result = await send("http://name.invalid/v1/traces");
    expect(result).toMatchObject({ status: "retryable" });
  });
});
