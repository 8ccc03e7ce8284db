/** Responses of every kind of body, from real workerd under wrangler: bare against instrumented. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { type CollectedSpan, createCollector, serveCollector } from "edgespan/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { serveWorker } from "./serve-worker.ts";

const collector = createCollector();
const resources = new AsyncDisposableStack();
let url: URL;

beforeAll(async () => {
  const { endpoint } = resources.use(await serveCollector(collector));
  const config = {
    name: "streams",
    main: `${import.meta.dirname}/fixture/streams/worker.ts`,
    vars: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: "0" },
    r2_buckets: [{ binding: "FILES", bucket_name: "files" }],
  };
  url = await serveWorker(config, resources);
});
afterAll(() => resources.disposeAsync());

interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request over a connection of its own. */
async function send(path: string, { method = "GET", body, headers = {} }: Sent = {}) {
  const sent = request(new URL(path, url), {
    agent: false,
    method,
    // wrangler answers a thrown error with a page, or in short where text is accepted.
    headers: { accept: "text/plain", "accept-encoding": "identity", ...headers },
  });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return response;
}

interface Told {
  status: string;
  headers: IncomingHttpHeaders;
  bytes?: number;
  hash?: string;
  /** Whether the response came to its end. */
  complete: boolean;
}

/** All that a client can tell of a response. */
async function told(path: string, sent?: Sent): Promise<Told> {
  const response = await send(path, sent);
  const chunks: Uint8Array[] = [];
  response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  // One that is cut short fails before it closes.
  response.on("error", () => undefined);
  await new Promise((resolve) => response.on("close", resolve));
  const { date: _, ...headers } = response.headers;
  const { statusCode, statusMessage, complete } = response;
  const body = Buffer.concat(chunks).toString("latin1");
  const [, boundary] = /boundary=(.*)/.exec(headers["content-type"] ?? "") ?? [];
  if (boundary) headers["content-type"] = "multipart/form-data";
  const hash = createHash("sha256").update(boundary ? body.replaceAll(boundary, "") : body);
  return {
    status: `${statusCode} ${statusMessage}`,
    headers,
    // How much arrives of a response that breaks off is the network's to say.
    ...(complete && { bytes: body.length, hash: hash.digest("hex") }),
    complete,
  };
}

const multipart: Sent = {
  method: "POST",
  headers: { "content-type": "multipart/form-data; boundary=x" },
  body: '--x\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n--x--\r\n',
};
const REQUESTS: Readonly<Record<string, Sent>> = {
  body: { method: "POST", body: "sent" },
  "form of the request": multipart,
};

const isEndless = (name: string): boolean => name.startsWith("endless");

describe("a client gets the same", () => {
  const names: string[] = [];
  beforeAll(async () => {
    names.push(...((await (await fetch(new URL("/answers", url))).json()) as string[]));
  });

  it.each(["GET", "HEAD"])("of every answer to %s", { timeout: 60_000 }, async (method) => {
    expect(names.length).toBeGreaterThan(40);
    for (const name of names.filter((each) => !isEndless(each) && each !== "websocket")) {
      const sent = { method, ...(method === "GET" && REQUESTS[name]) };
      const [bare, ...traced] = await Promise.all(
        ["bare", "traced", "streams-false"].map((way) =>
          told(`/${way}/${encodeURIComponent(name)}`, sent),
        ),
      );
      expect([name, ...traced]).toEqual([name, bare, bare]);
    }
  });

  it("whose chunks have what the fixture means", async () => {
    expect(await told("/traced/long")).toMatchObject({ bytes: 50_003_968, complete: true });
    expect(await told("/traced/expected%20length")).toMatchObject({
      headers: { "content-length": "3" },
    });
    const byHand = { headers: { "accept-encoding": "gzip" } };
    expect(await told("/traced/encoded%20by%20hand", byHand)).toEqual(
      await told("/bare/encoded%20by%20hand", byHand),
    );
    expect(await told("/traced/error%20later")).toMatchObject({ complete: false });
  });

  it.each(["bare", "traced"])("of a WebSocket: %s", async (way) => {
    const socket = new WebSocket(new URL(`/${way}/websocket`, url));
    await once(socket, "open");
    socket.send("hello");
    const [{ data }] = (await once(socket, "message")) as [MessageEvent];
    socket.close();
    expect(data).toBe("echo hello");
  });
});

describe("a client that leaves", () => {
  it.each(["endless", "endless through a stream"])(
    "cancels the application's stream as without: %s",
    async (name) => {
      const left = await Promise.all(["bare", "traced"].map((way) => leave(way, name)));
      expect(left.map(({ calls }) => calls)).toEqual([
        ["pull", "cancel undefined"],
        ["pull", "cancel undefined"],
      ]);
    },
  );

  it("ends the server span, which is no error", async () => {
    const { query } = await leave("traced", "endless");
    const mine = (): CollectedSpan[] =>
      collector.spans().filter(({ attributes }) => attributes["url.query"] === query);
    await vi.waitFor(() => expect(mine()).not.toEqual([]));
    expect(mine()).toEqual([
      expect.objectContaining({
        name: "GET",
        kind: "SERVER",
        status: { code: "UNSET" },
        events: [],
      }) as CollectedSpan,
    ]);
  });
});

/** Leaves in the middle of a response; answers what the source of its stream was called for. */
async function leave(way: string, name: string): Promise<{ calls: string[]; query: string }> {
  const query = `${way}-${encodeURIComponent(name)}-${Math.random()}`;
  const response = await send(`/${way}/${encodeURIComponent(name)}?${query}`);
  await once(response, "data");
  response.destroy();
  return vi.waitFor(
    async () => {
      const calls = (await (await fetch(new URL(`/calls?${query}`, url))).json()) as string[];
      expect(calls.at(-1)).toMatch(/^cancel/);
      return { calls, query };
    },
    { timeout: 5_000 },
  );
}
