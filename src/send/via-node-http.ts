/**
 * Sends by `node:http(s)` with kept-alive connections. On Lambda the first `fetch`
 * loads undici: 31–36 ms of CPU and 12 MB, where `node:http` is loaded already.
 */
import type { Agent, ClientRequest } from "node:http";
import { within } from "../trace/within.js";
import {
  type Endpoint,
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
  const open = (agent: Agent, length: number): ClientRequest =>
    http.request(target, {
      agent,
      method: "POST",
      headers: { ...headers, "content-length": length },
    });
  let agent = new http.Agent({ keepAlive: true });
  return async (body, budgetMs) => {
    const deadline = performance.now() + budgetMs;
    const first = await exchange(open(agent, body.length), body, budgetMs);
    if (first !== STALE) return first;
    // The backend closed the connection while the sandbox was frozen: all others are as old.
    agent.destroy();
    agent = new http.Agent({ keepAlive: true });
    const leftMs = Math.max(0, deadline - performance.now());
    const second = await exchange(open(agent, body.length), body, leftMs);
    return second === STALE ? resultOfFault({ code: "ECONNRESET" }) : second;
  };
}

/** A kept-alive connection that turned out to be closed before anything was answered. */
const STALE = "stale";

async function exchange(
  request: ClientRequest,
  body: Uint8Array,
  budgetMs: number,
): Promise<SendResult | typeof STALE> {
  const status = new Promise<number>((resolve, reject) => {
    request.on("error", reject);
    // The status says it all; a body that drips on must not hold the invocation.
    request.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      const timer = setTimeout(() => request.destroy(), budgetMs).unref();
      response.once("close", () => clearTimeout(timer)).resume();
    });
    request.end(body);
  });
  try {
    return resultOfStatus(await within(budgetMs, status, () => request.destroy()));
  } catch (error) {
    const { code = "" } = error as { code?: string };
    const isStale = request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(code);
    return isStale ? STALE : resultOfFault(error);
  }
}
