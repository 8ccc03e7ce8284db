/**
 * HTTP spans in the terms of the stable semantic conventions.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
import { type Attributes, type Span, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import {
  ERROR_TYPE,
  HTTP_REQUEST_METHOD,
  HTTP_REQUEST_METHOD_ORIGINAL,
  HTTP_RESPONSE_STATUS_CODE,
  HTTP_ROUTE,
  NETWORK_PROTOCOL_NAME,
  NETWORK_PROTOCOL_VERSION,
  SERVER_ADDRESS,
  SERVER_PORT,
  URL_PATH,
  URL_QUERY,
  URL_SCHEME,
  USER_AGENT_ORIGINAL,
} from "../trace/semconv.js";
import { redactQuery } from "./url.js";

/** An incoming request, as far as its span tells of it. */
export interface ServerRequest {
  method: string;
  scheme: string | undefined;
  path: string;
  /** Query string without `?`. */
  query: string | undefined;
  /** Host with an optional port. */
  host: string | undefined;
  userAgent: string | undefined;
  /** As in `HTTP/1.1`. */
  protocol: string | undefined;
  route?: string | undefined;
}

const KNOWN_METHODS = /^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|QUERY)$/;

/** The method attributes; a method that the conventions do not know becomes `_OTHER`. */
export function methodAttributes(method: string): Attributes {
  return KNOWN_METHODS.test(method)
    ? { [HTTP_REQUEST_METHOD]: method }
    : { [HTTP_REQUEST_METHOD]: "_OTHER", [HTTP_REQUEST_METHOD_ORIGINAL]: method };
}

/** `{method} {route}`, or the method alone where no low-cardinality route is known. */
export function httpSpanName(method: string, route?: string): string {
  const known = KNOWN_METHODS.test(method) ? method : "HTTP";
  return route ? `${known} ${route}` : known;
}

/** The attributes of a server span; what the request does not tell is left out. */
export function serverAttributes(request: ServerRequest): Attributes {
  const { host, query, protocol } = request;
  const [address, port] = host ? splitHost(host) : [];
  const [protocolName, protocolVersion] = protocol?.split("/") ?? [];
  return compact({
    ...methodAttributes(request.method),
    [URL_SCHEME]: request.scheme,
    [URL_PATH]: request.path,
    [URL_QUERY]: query && redactQuery(query),
    [HTTP_ROUTE]: request.route,
    [SERVER_ADDRESS]: address,
    [SERVER_PORT]: port,
    [USER_AGENT_ORIGINAL]: request.userAgent,
    [NETWORK_PROTOCOL_NAME]: protocolVersion && protocolName?.toLowerCase(),
    [NETWORK_PROTOCOL_VERSION]: protocolVersion,
  });
}

function splitHost(host: string): readonly [string, number | undefined] {
  const [, address = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return [address, port ? Number(port) : undefined];
}

function compact(attributes: Attributes): Attributes {
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined || value === "") delete attributes[name];
  }
  return attributes;
}

/**
 * Records the status of a response; from `errorFrom` on it is an error (500 on a server,
 * 400 on a client). An error that was recorded before says more than its status and stays.
 */
export function recordStatus(span: Span, status: number, errorFrom: 400 | 500): void {
  span.setAttribute(HTTP_RESPONSE_STATUS_CODE, status);
  const known = (span as Partial<ReadableSpan>).status?.code === SpanStatusCode.ERROR;
  if (status < errorFrom || known) return;
  span.setAttribute(ERROR_TYPE, String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}
