import type { Exchange } from "./exchange.js";
import type { Invocation } from "./invocation.js";
import { json, type LoopbackRequest, type LoopbackResponse } from "./loopback.js";
import { parseJson } from "./outcome.js";

/**
 * The Extensions API, version 2020-01-01, as far as the extensions of the function's own process
 * may use it: they hear of invocations, and never of the shutdown.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */

export const EXTENSIONS_API = "/2020-01-01/extension/";

/** Answers a request whose path, without the prefix, is `path`; nothing where there is no such path. */
export async function extensionsApi(
  path: string,
  request: LoopbackRequest,
  exchange: Exchange,
): Promise<LoopbackResponse | undefined> {
  if (request.method === "POST" && path === "register") return register(request, exchange);
  if (request.method === "GET" && path === "event/next") return next(request, exchange);
  return undefined;
}

function register({ body, headers }: LoopbackRequest, exchange: Exchange): LoopbackResponse {
  if (!headers["lambda-extension-name"])
    return refused({ errorType: "Extension.InvalidExtensionName", errorMessage: "Empty name" });
  const { events = [] } = parseJson(new TextDecoder().decode(body)) as { events?: string[] };
  const registered = exchange.register(events);
  if (!("extension" in registered)) return refused(registered);
  return json(200, {}, { "lambda-extension-identifier": registered.extension });
}

async function next({ headers }: LoopbackRequest, exchange: Exchange): Promise<LoopbackResponse> {
  const event = exchange.nextEvent(headers["lambda-extension-identifier"] ?? "");
  if (event) return json(200, invokeEvent(await event));
  return refused({ errorType: "Extension.UnknownExtensionIdentifier", errorMessage: "Unknown" });
}

function invokeEvent({ requestId, functionArn, timeoutMs, traceHeader }: Invocation): object {
  return {
    eventType: "INVOKE",
    deadlineMs: Date.now() + timeoutMs,
    requestId,
    invokedFunctionArn: functionArn,
    tracing: { type: "X-Amzn-Trace-Id", value: traceHeader },
  };
}

function refused(why: object): LoopbackResponse {
  return json(403, why);
}
