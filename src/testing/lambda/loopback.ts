import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * An HTTP server on 127.0.0.1 that turns whole requests into whole responses. The Runtime API and
 * the Function URL are both such functions.
 */

/** A request that has been read to its end. */
export interface LoopbackRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** By lower-case name; the values of a repeated name are joined with ",", cookies with "; ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: string;
  readonly sourceIp: string;
  readonly body: Uint8Array;
  /** What came after the body, by lower-case name. */
  readonly trailers: Readonly<Record<string, string | undefined>>;
}

/** What goes back. */
export interface LoopbackResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
}

/** A response of JSON. */
export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): LoopbackResponse {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

/** A server that listens until it is closed. */
export interface LoopbackServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on `port` (0 picks a free one). `background` servers and their connections do not keep
 * the process alive.
 */
export async function serveLoopback(
  answer: (request: LoopbackRequest) => Promise<LoopbackResponse>,
  { port = 0, background = false }: { readonly port?: number; readonly background?: boolean } = {},
): Promise<LoopbackServer> {
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    void exchange(request, response, answer);
  });
  // A client is idle for as long as its handler runs, which may exceed Node's 5 s default.
  server.keepAliveTimeout = 0;
  if (background) {
    server.unref();
    server.on("connection", (socket) => socket.unref());
  }
  await listen(server, port);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: LoopbackRequest) => Promise<LoopbackResponse>,
): Promise<void> {
  try {
    const { status, headers, body } = await answer(await read(request));
    response.writeHead(status, { ...headers });
    response.end(body);
  } catch (error) {
    // An unreadable request or a fault here must reach the client, which else waits for ever.
    if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
    response.end(String(error));
  }
}

async function read(request: IncomingMessage): Promise<LoopbackRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    headers[name] = (values ?? []).join(name === "cookie" ? "; " : ",");
  }
  return {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    headers,
    protocol: `HTTP/${request.httpVersion}`,
    sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
    body: Buffer.concat(chunks),
    trailers: request.trailers,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
