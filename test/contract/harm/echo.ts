/** The servers that the application asks. */
import { createHash } from "node:crypto";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Answer = (url: URL, request: IncomingMessage, response: ServerResponse) => void;

const ANSWERS: Record<string, Answer> = {
  "/text": (_url, _request, response) => response.end("text"),
  "/echo": (_url, request, response) => {
    const hash = createHash("sha256");
    let size = 0;
    request.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      hash.update(chunk);
    });
    request.on("end", () => {
      const { traceparent, ...headers } = request.headers;
      const { method } = request;
      response.setHeader("x-continues", String(traceparent !== undefined));
      response.end(JSON.stringify({ method, headers, size, hash: hash.digest("hex") }));
    });
  },
  "/redirect": ({ searchParams }, _request, response) => {
    const location = searchParams.get("to") ?? "/redirect";
    response.writeHead(Number(searchParams.get("status") ?? 302), { location }).end();
  },
  "/cookies": (_url, _request, response) => {
    response.writeHead(200, { "set-cookie": ["a=1", "b=2"], "x-a": ["1", "2"] }).end("cookies");
  },
  "/status": ({ searchParams }, _request, response) => {
    response.writeHead(Number(searchParams.get("status"))).end();
  },
  "/html": (_url, _request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<p>one</p><p>two</p>");
  },
  "/bytes": ({ searchParams }, _request, response) => {
    response.end(Buffer.alloc(Number(searchParams.get("size")), 7));
  },
  "/slow": () => {},
  "/lost": (_url, request) => request.socket.destroy(),
  "/drip": (_url, request, response) => {
    const timer = setInterval(() => response.write("drop "), 5);
    request.socket.on("close", () => clearInterval(timer));
  },
};

/** Serves them on a port of this machine. */
export async function serveEcho(resources: AsyncDisposableStack): Promise<string> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://echo");
    // So that what an attempt leaves behind is of no consequence to the next.
    response.shouldKeepAlive = false;
    ANSWERS[url.pathname]?.(url, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  resources.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
