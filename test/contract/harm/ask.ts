/** Clients of the application, which tell all that can be told of its answers. */
import { createHash } from "node:crypto";
import { type IncomingMessage, request } from "node:http";

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
}

export interface Told {
  readonly status: number | undefined;
  readonly statusText: string | undefined;
  readonly headers: readonly string[];
  /** A long one by its length and hash. */
  readonly body: unknown;
}

const VOLATILE = /^(connection|date|keep-alive|x-continues)$/i;

/** Asks over a connection of its own. */
export function ask(url: URL, { method = "GET", headers = {}, body }: Asked = {}): Promise<Told> {
  return new Promise((resolve, reject) => {
    // wrangler answers a thrown error with a page, or in short where text is accepted.
    const options = { agent: false, method, headers: { accept: "text/plain", ...headers } };
    const sent = request(url, options, (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      response.on("close", () => resolve(toldOf(response, Buffer.concat(chunks), url)));
      response.on("error", () => {});
    });
    sent.on("error", reject).end(body);
  });
}

function toldOf(response: IncomingMessage, body: Buffer, { host }: URL): Told {
  const { statusCode: status, statusMessage: statusText, rawHeaders, complete } = response;
  const headers = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && !VOLATILE.test(name) ? [`${name}: ${rawHeaders[at + 1]}`] : [],
  );
  const text =
    body.length > 100_000
      ? { length: body.length, hash: createHash("sha256").update(body).digest("hex") }
      : body.toString("latin1");
  const told = { status, statusText, headers, body: complete ? text : { cut: text } };
  // Ports differ, and so do the places in a build that stack traces name.
  return JSON.parse(
    JSON.stringify(told)
      .replaceAll(host, "host")
      .replaceAll(/(\\n\s+at [^"]*?)(?=\\n\S|")/g, "")
      .replaceAll(/"[Cc]ontent-[Ll]ength: \d+"/g, (length) => (status === 500 ? '""' : length)),
  ) as Told;
}

/** Asks, and hangs up when the first bytes have come. */
export function hangUp(url: URL): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(url, { agent: false }, (response) => {
      response.once("data", () => sent.destroy());
    });
    sent.on("error", () => {}).on("close", resolve);
    sent.end();
  });
}

/** Opens a socket, sends messages one by one and has it closed; tells what came back. */
export function converse(url: URL, messages: readonly (string | Uint8Array)[]): Promise<unknown[]> {
  return new Promise((resolve) => {
    const seen: unknown[] = [];
    const left = [...messages];
    const socket = new WebSocket(new URL(url.href.replace("http", "ws")));
    socket.binaryType = "arraybuffer";
    const next = (): void => {
      const message = left.shift();
      if (message) socket.send(message);
    };
    socket.addEventListener("open", () => {
      seen.push("open");
      next();
    });
    socket.addEventListener("message", ({ data }) => {
      seen.push(typeof data === "string" ? data : "bytes");
      next();
    });
    socket.addEventListener("error", () => seen.push("error"));
    socket.addEventListener("close", ({ code, reason, wasClean }) =>
      resolve([...seen, code, reason, wasClean]),
    );
  });
}
