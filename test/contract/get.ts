/** A plain HTTP client: `fetch` would join repeated headers and set its own. */
import { request } from "node:http";

export type Headers = Readonly<Record<string, string | string[]>>;

export interface Response {
  readonly status: number;
  /** Without those that name the moment or the connection. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** One character for each byte. */
  readonly body: string;
  readonly elapsedMs: number;
}

const VOLATILE = /^(connection|date|keep-alive|transfer-encoding|content-length)$/;

/** Gets `url` over a connection of its own. */
export function get(url: string, headers: Headers = {}): Promise<Response> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, headers }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const kept = Object.entries(response.headers).filter(([name]) => !VOLATILE.test(name));
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(kept),
          body: Buffer.concat(chunks).toString("latin1"),
          elapsedMs: performance.now() - startedAt,
        });
      });
    });
    sent.on("error", reject).end();
  });
}

/** The body as JSON. */
export function parsed({ body }: Pick<Response, "body">): Record<string, unknown> {
  return JSON.parse(Buffer.from(body, "latin1").toString()) as Record<string, unknown>;
}

/** What a client can tell of a response; stack traces name files, which differ between builds. */
export function told({ status, headers, body }: Response): Omit<Response, "elapsedMs"> {
  return { status, headers, body: body.replaceAll(/\n\s+at .*/g, "") };
}
