/** What is told of an export never holds what gives access to the backend. */
import { describe, expect, test } from "vitest";
import { resolveExporters } from "../../../src/config/exporter.ts";
import { createDestinations } from "../../../src/export/destinations.ts";
import type { Transport } from "../../../src/send/send.ts";
import { viaFetch } from "../../../src/send/via-fetch.ts";
import { viaGrpc } from "../../../src/send/via-grpc.ts";
import { viaNodeHttp } from "../../../src/send/via-node-http.ts";
import { stats } from "../../../src/trace/stats.ts";
import { serve } from "../send/server.ts";
import { spans } from "./exporting.ts";

async function serving(status: number): Promise<string> {
  const { url } = await serve((_request, response) =>
    response.writeHead(status, { location: "/elsewhere" }).end("no"),
  );
  return `${url}&api-key=hunter2`;
}

async function silent(): Promise<string> {
  const { url } = await serve(() => {});
  return `${url}&api-key=hunter2`;
}

const TRANSPORTS: [string, Transport][] = [
  ["viaFetch", (endpoint) => viaFetch(endpoint)],
  ["viaNodeHttp", viaNodeHttp],
  ["viaGrpc", (endpoint) => viaGrpc(endpoint)],
];
const FAULTS: [string, () => Promise<string>][] = [
  ...[200, 302, 400, 401, 413, 429, 500, 503].map((status): [string, () => Promise<string>] => [
    `an answer of ${status}`,
    () => serving(status),
  ]),
  ["no answer", silent],
  ["a refused connection", async () => "http://127.0.0.1:1/hunter?api-key=hunter2"],
  ["no such host", async () => "http://name.invalid/?api-key=hunter2"],
  ["no TLS", async () => (await serving(200)).replace("http:", "https:")],
];

describe.each(TRANSPORTS)("%s", (_name, transport) => {
  test("tells nothing of headers that are no JSON, which the error quotes", async () => {
    const { url } = await serve((_request, response) => response.end());
    const headers = async (): Promise<Record<string, string>> =>
      JSON.parse("hunter2") as Record<string, string>;
    const send = transport({ url, headers });
    expect(await send({ bytes: new Uint8Array(), gzipped: false }, 1_000)).toEqual({
      status: "retryable",
      reason: "Unexpected token 'h', REDACTED is not valid JSON",
    });
  });

  test.each(FAULTS)("tells no secret where there is %s", async (_fault, url) => {
    const told: string[] = [];
    const tell = (text: string): void => void told.push(text);
    // As some vendors have it, there is a key in the path, too.
    const withKey = new URL(await url());
    withKey.pathname = `/v1/${"hunter2".repeat(8)}/traces`;
    const option = { url: withKey.href, headers: async () => ({ authorization: "hunter2" }) };
    const [destination] = createDestinations(
      resolveExporters(option, () => undefined),
      {
        outlets: { transport, print() {} },
        maxQueueSize: 100,
        maxBatchSize: 10,
        now: Date.now,
        report: tell,
        notice: tell,
        debug: tell,
      },
    );
    destination!.add(spans("a", "b"));
    await destination!.drain(Date.now() + 150, false);
    expect(told.length).toBeGreaterThan(0);
    expect([...told, JSON.stringify(stats())].join()).not.toContain("hunter2");
  });
});
