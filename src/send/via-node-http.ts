/**
 * Sends by `node:http(s)` with kept-alive connections. On Lambda the first `fetch`
 * loads undici: 31–36 ms of CPU and 12 MB, where `node:http` is loaded already.
 */
import type { ClientRequest } from "node:http";
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
  const agent = new http.Agent({ keepAlive: true });
  return (body, budgetMs) =>
    new Promise((resolve) => {
      const options = { agent, headers: { ...headers, "content-length": body.length } };
      const request = http.request(target, { ...options, method: "POST" });
      const settle = settler(request, resolve, budgetMs);
      request.on("error", (error) => settle(resultOfFault(error, budgetMs)));
      request.on("response", (response) => {
        response.on("end", () => settle(resultOfStatus(response.statusCode ?? 0)));
        response.on("error", (error) => settle(resultOfFault(error, budgetMs)));
        response.resume();
      });
      request.end(body);
    });
}

function settler(
  request: ClientRequest,
  resolve: (result: SendResult) => void,
  budgetMs: number,
): (result: SendResult) => void {
  const timer = setTimeout(() => {
    resolve(resultOfFault({ name: "TimeoutError" }, budgetMs));
    request.destroy();
  }, budgetMs);
  return (result) => {
    clearTimeout(timer);
    resolve(result);
  };
}
