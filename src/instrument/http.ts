/**
 * HTTP spans in the terms of the stable semantic conventions.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
import type { Attributes, Span } from "@opentelemetry/api";
import { ERROR_TYPE } from "../trace/semconv.js";
import { STATUS_ERROR } from "../trace/enums.js";
import { hasFailed } from "../trace/failure.js";
import { redacted } from "../trace/redacted.js";

/** An incoming request, as far as its span tells of it. */
export interface ServerRequest {
  method: string;
  scheme: string | undefined;
  path: string;
  /** Query string without `?`. */
  query: string | undefined;
  address: string | undefined;
  port?: number | undefined;
  userAgent: string | undefined;
  /** As in `HTTP/1.1`. */
  protocol?: string | undefined;
  route?: string | undefined;
}

const KNOWN_METHODS = /^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|QUERY)$/;

/** The method attributes; a method that the conventions do not know becomes `_OTHER`. */
export function methodAttributes(method: string): Attributes {
  return KNOWN_METHODS.test(method)
    ? { "http.request.method": method }
    : { "http.request.method": "_OTHER", "http.request.method_original": method };
}

/** `{method} {route}`, or the method alone where no low-cardinality route is known. */
export function httpSpanName(method: string, route?: string): string {
  const known = KNOWN_METHODS.test(method) ? method : "HTTP";
  return route ? `${known} ${route}` : known;
}

/** The attributes of a server span; what the request does not tell is undefined. */
export function serverAttributes(request: ServerRequest): Attributes {
  const { query } = request;
  return {
    ...methodAttributes(request.method),
    "url.scheme": request.scheme,
    "url.path": request.path,
    "url.query": redacted(query || undefined),
    "http.route": request.route,
    "server.address": request.address,
    "server.port": request.port,
    "user_agent.original": request.userAgent,
    ...protocolAttributes(request.protocol),
  };
}

/** The attributes of a protocol such as `HTTP/1.1`. */
export function protocolAttributes(protocol: string | undefined): Attributes {
  const [name, version] = protocol?.split("/") ?? [];
  if (!version) return {};
  return { "network.protocol.name": name?.toLowerCase(), "network.protocol.version": version };
}

/**
 * Records the status of a response; from `errorFrom` on it is an error (500 on a server,
 * 400 on a client). An error that was recorded before says more than its status and stays.
 */
export function recordStatus(span: Span, status: number, errorFrom: 400 | 500): void {
  span.setAttribute("http.response.status_code", status);
  // Not `<`: what has no status, because it is no response, is no error.
  if (!(status >= errorFrom) || hasFailed(span)) return;
  span.setAttribute(ERROR_TYPE, String(status));
  span.setStatus({ code: STATUS_ERROR });
}
