import type { Exchange } from "./exchange.js";
import { EXTENSIONS_API, extensionsApi } from "./extensions-api.js";
import { invocationHeaders } from "./invocation.js";
import { type Result, parseError, parseJson } from "./outcome.js";
import {
  type LoopbackRequest,
  type LoopbackResponse,
  type LoopbackServer,
  json,
  serveLoopback,
} from "./loopback.js";

/**
 * The Runtime API, version 2018-06-01: the HTTP interface through which a runtime client takes
 * events and reports on them.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */

const VERSION = "/2018-06-01/runtime/";
/** How a streamed response of HTTP is marked: a prelude of JSON, 8 null characters, the body. */
const INTEGRATION = "application/vnd.awslambda.http-integration-response";
const DELIMITER = "\0".repeat(8);
const REPORT = /^invocation\/([^/]+)\/(response|error)$/;

const ACCEPTED: LoopbackResponse = json(202, { status: "OK" });

/** Serves one sandbox's Runtime API, and its Extensions API at the same address; it does not keep the process alive. */
export function serveRuntimeApi(exchange: Exchange): Promise<LoopbackServer> {
  return serveLoopback((request) => route(request, exchange), { background: true });
}

async function route(request: LoopbackRequest, exchange: Exchange): Promise<LoopbackResponse> {
  const { method, target } = request;
  if (target.startsWith(EXTENSIONS_API)) {
    const path = target.slice(EXTENSIONS_API.length);
    return (await extensionsApi(path, request, exchange)) ?? unknown(request);
  }
  if (!target.startsWith(VERSION)) return unknown(request);
  const path = target.slice(VERSION.length);
  if (method === "GET" && path === "invocation/next") return next(exchange);
  if (method === "POST" && path === "init/error") {
    exchange.failInit(parseError(text(request)));
    return ACCEPTED;
  }
  const [, requestId, kind] = REPORT.exec(path) ?? [];
  if (method !== "POST" || requestId === undefined) return unknown(request);
  return report(request, exchange, decodeURIComponent(requestId), kind === "response");
}

async function next(exchange: Exchange): Promise<LoopbackResponse> {
  const invocation = await exchange.next();
  const deadlineMs = Date.now() + invocation.timeoutMs;
  return { status: 200, headers: invocationHeaders(invocation, deadlineMs), body: invocation.body };
}

function report(
  request: LoopbackRequest,
  exchange: Exchange,
  requestId: string,
  succeeded: boolean,
): LoopbackResponse {
  const known = exchange.report(
    requestId,
    succeeded ? resultOf(request) : { status: "error", error: parseError(text(request)) },
  );
  if (known) return ACCEPTED;
  return json(400, { errorType: "InvalidRequestID", errorMessage: "Invalid request ID" });
}

/** A stream says by a trailer that it failed, and in a prelude with which status it answers. */
function resultOf(request: LoopbackRequest): Result {
  const { headers, trailers } = request;
  const body = text(request);
  if (trailers["lambda-runtime-function-error-type"] !== undefined) {
    const error = trailers["lambda-runtime-function-error-body"] ?? "";
    return { status: "error", error: parseError(Buffer.from(error, "base64").toString()) };
  }
  if (headers["content-type"] !== INTEGRATION)
    return { status: "success", payload: parseJson(body) };
  const end = body.indexOf(DELIMITER);
  const prelude = JSON.parse(body.slice(0, end)) as object;
  return { status: "success", payload: { ...prelude, body: body.slice(end + DELIMITER.length) } };
}

function unknown({ method, target }: LoopbackRequest): LoopbackResponse {
  return json(404, { errorType: "NotFound", errorMessage: `${method} ${target} is not served` });
}

function text(request: LoopbackRequest): string {
  return new TextDecoder().decode(request.body);
}
