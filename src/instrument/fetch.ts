/**
 * Outgoing `fetch`: a CLIENT span, and the active context in the request's headers.
 * The global function is replaced once per isolate or process; outside of a traced
 * invocation the replacement only forwards its arguments.
 */
import type { Attributes, Context } from "@opentelemetry/api";
import { injectContext } from "../propagate/inject.js";
import { KIND_CLIENT } from "../trace/enums.js";
import { activeContext, activeFrame } from "../trace/active.js";
import { quietly } from "../trace/quietly.js";
import type { Tracing } from "../trace/tracing.js";
import { SERVER_ADDRESS, SERVER_PORT, URL_FULL } from "../trace/semconv.js";
import { runSpan } from "../trace/span.js";
import { httpSpanName, methodAttributes, recordStatus } from "./http.js";
import { redactedHref } from "./url.js";

type Fetch = typeof globalThis.fetch;
type Arguments = Parameters<Fetch>;

let instrumented = false;

/** Replaces `globalThis.fetch`; a second call does nothing. */
export function instrumentFetch(): void {
  if (instrumented || typeof globalThis.fetch !== "function") return;
  instrumented = true;
  const original = globalThis.fetch;
  // A method and not a function, because `fetch` cannot be called with `new`.
  const replacement: { fetch: Fetch } = {
    fetch(this: unknown, ...args: Arguments): ReturnType<Fetch> {
      const call = describeCall(args);
      // The caller's own `this` is handed on, so that what worked or threw before still does.
      if (!call) return Reflect.apply(original, this, args);
      return tracedFetch(call, (sent) => Reflect.apply(original, this, sent));
    },
  };
  Object.defineProperty(replacement.fetch, "length", { value: original.length });
  globalThis.fetch = replacement.fetch;
}

interface Call {
  args: Arguments;
  tracing: Tracing;
  url: URL;
  method: string;
}

/** Reads what is called; `undefined` where the call is not to be traced, or is wrong in itself. */
function describeCall(args: Arguments): Call | undefined {
  const tracing = activeFrame()?.scope?.tracing;
  if (!tracing?.tracesFetch) return undefined;
  try {
    const [input, init] = args;
    const request = typeof input === "object" && "url" in input ? input : undefined;
    const url = new URL(request?.url ?? input);
    // What does not travel by HTTP, such as data:, carries no context and is no call.
    if (!url.protocol.startsWith("http")) return undefined;
    const method = init?.method ?? request?.method ?? "GET";
    return { args, tracing, url, method: method.toUpperCase() };
  } catch {
    return undefined;
  }
}

function tracedFetch(
  { args, tracing, url, method }: Call,
  send: (args: Arguments) => ReturnType<Fetch>,
): ReturnType<Fetch> {
  const options = {
    kind: KIND_CLIENT,
    attributes: clientAttributes(url, method),
    onResult: recordResponse,
  };
  return runSpan(httpSpanName(method), options, () => {
    const carries = quietly(() => tracing.propagateTo(url));
    return send(carries ? withContext(args, activeContext(), tracing) : args);
  });
}

function recordResponse(span: Parameters<typeof recordStatus>[0], response: Response): void {
  recordStatus(span, response.status, 400);
}

function clientAttributes(url: URL, method: string): Attributes {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return {
    ...methodAttributes(method),
    [SERVER_ADDRESS]: url.hostname,
    [SERVER_PORT]: Number(port),
    [URL_FULL]: redactedHref(url),
  };
}

/**
 * The arguments with the context in their headers; where that cannot be done they
 * stay as they are, and `fetch` itself says what is wrong with them.
 */
function withContext(args: Arguments, context: Context, tracing: Tracing): Arguments {
  try {
    const [input, init] = simplified(args);
    const inherited = input instanceof Request ? input.headers : undefined;
    const own = init?.headers === undefined ? inherited : init.headers;
    const headers = new Headers(own);
    injectContext(tracing.propagator, context, headers);
    return [input, { ...init, headers }];
  } catch {
    return args;
  }
}

/**
 * A plain `init` can be copied member by member. Another one, such as the Request of
 * `fetch(url, request)`, keeps its members in getters, so that a Request takes it over.
 */
function simplified([input, init]: Arguments): Arguments {
  const prototype: unknown = init && Object.getPrototypeOf(init);
  const isPlain = !prototype || prototype === Object.prototype;
  return isPlain ? [input, init] : [new Request(input, init)];
}
