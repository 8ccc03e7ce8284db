/**
 * Sends by `node:http(s)` with kept-alive connections. On Lambda the first `fetch`
 * loads undici: 31–36 ms of CPU and 12 MB, where `node:http` is loaded already.
 */
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { untraced } from "../trace/active.js";
import { within } from "../trace/within.js";
import {
  BODY_MS,
  type Endpoint,
  type Headers,
  MAX_BODY_BYTES,
  type Payload,
  type Send,
  type SendResult,
  resultOfFault,
  resultOfStatus,
} from "./send.js";

export function viaNodeHttp({ url, headers }: Endpoint): Send {
  const target = new URL(url);
  // An import of node:http would load undici too; getBuiltinModule does not.
  const http =
    target.protocol === "https:"
      ? process.getBuiltinModule("node:https")
      : process.getBuiltinModule("node:http");
  let agent: Agent | undefined;
  const open = ({ bytes, gzipped }: Payload, own: Headers): ClientRequest =>
    // An export is part of no trace.
    untraced(() =>
      http.request(target, {
        agent: (agent ??= new http.Agent({ keepAlive: true })),
        method: "POST",
        headers: {
          ...own,
          ...(gzipped && { "content-encoding": "gzip" }),
          "content-length": bytes.length,
        },
      }),
    );
  return async (payload, budgetMs) => {
    const deadline = performance.now() + budgetMs;
    const leftMs = (): number => Math.max(0, deadline - performance.now());
    try {
      const own = await within(budgetMs, Promise.resolve(headers()));
      for (;;) {
        const result = await exchange(open(payload, own), payload, leftMs);
        if (result) return result;
        // The backend closed the connection while the sandbox was frozen: all others are as old.
        agent?.destroy();
        agent = undefined;
      }
    } catch (error) {
      return resultOfFault(error);
    }
  };
}

/** Nothing where a kept-alive connection turned out to be closed before anything was answered. */
async function exchange(
  request: ClientRequest,
  { bytes }: Payload,
  leftMs: () => number,
): Promise<SendResult | undefined> {
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("error", reject);
    request.on("response", resolve);
    request.end(bytes);
  });
  try {
    const answer = await within(leftMs(), response, () => request.destroy());
    // The status says it all; a body that drips on must not hold the invocation.
    const read = within(Math.min(BODY_MS, leftMs()), readSome(answer), () => request.destroy());
    const body = await read.catch(() => undefined);
    return resultOfStatus(answer.statusCode ?? 0, answer.headers["retry-after"], body);
  } catch (error) {
    const { code = "" } = error as { code?: string };
    const isStale = request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(code);
    return isStale ? undefined : resultOfFault(error);
  }
}

/** Reads a short body to its end, so that the connection can be used again; a longer one ends it. */
async function readSome(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop destroys the response, and with it the connection.
    if (size > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks);
}
