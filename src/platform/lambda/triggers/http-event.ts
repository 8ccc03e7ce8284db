/** What the HTTP events of Lambda have in common. */
import { KIND_SERVER } from "../../../trace/enums.js";
import {
  type ServerRequest,
  httpSpanName,
  recordStatus,
  serverAttributes,
} from "../../../instrument/http.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { Carrier, RootSpan } from "../../../trace/trigger.js";
import type { Span } from "@opentelemetry/api";
import { bounded, carrierOf } from "./carriers.js";

export type HeaderRecord = Readonly<Record<string, string | undefined>> | null | undefined;

/** The part of an event that has headers, those that are repeated as lists where it tells them. */
export interface WithHeaders {
  readonly headers?: HeaderRecord;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
}

/** The headers of an event as a carrier; those that are repeated are joined with a comma. */
export function headersOf({ headers, multiValueHeaders }: WithHeaders): Carrier {
  const all: unknown = multiValueHeaders ? { ...headers, ...multiValueHeaders } : headers;
  return carrierOf(Object(all), (value) =>
    Array.isArray(value) ? bounded(value).join() : value,
  ) as Carrier;
}

export interface Query {
  queryStringParameters?: Readonly<Record<string, string>> | null;
  multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>> | null;
}

/** The parameters of a query, all of those that are repeated. */
export function parametersOf(event: Query): [name: string, value: string][] {
  const multi = Object.entries(event.multiValueQueryStringParameters ?? {});
  const pairs = multi.flatMap(([name, values]) =>
    bounded(values).map((value): [string, string] => [name, value]),
  );
  return pairs.length > 0 ? pairs : Object.entries(event.queryStringParameters ?? {});
}

type RequestLine = Omit<ServerRequest, "scheme" | "address" | "port" | "userAgent"> & {
  host?: string | undefined;
  userAgent?: string | undefined;
};

/** A host, which may be an IPv6 address in brackets, and its port. */
const HOST = /^(.*?)(?::(\d+))?$/;

/** The root span of an HTTP event: what its request line and its headers tell. */
export function httpRoot(request: RequestLine, event: WithHeaders): RootSpan {
  const headers = headersOf(event);
  const host = headers.get("host") ?? request.host;
  const [, address, port] = (host && HOST.exec(host)) || [];
  const attributes = serverAttributes({
    ...request,
    scheme: headers.get("x-forwarded-proto") ?? "https",
    address,
    port: port ? Number(port) : undefined,
    userAgent: headers.get("user-agent") ?? request.userAgent,
  });
  attributes[FAAS_TRIGGER] = "http";
  return {
    name: httpSpanName(request.method, request.route),
    kind: KIND_SERVER,
    attributes,
  };
}

/** The route of an event; a catch-all such as `/{proxy+}` or `$default` says nothing about it. */
export function routeOf(pattern: string | undefined): string | undefined {
  return pattern?.startsWith("/") && !pattern.includes("+}") ? pattern : undefined;
}

/** Records the `statusCode` of a proxy result. */
export function recordStatusCode(span: Span, result: unknown, otherwise?: number): void {
  const status = Number((result as { statusCode?: unknown } | null)?.statusCode ?? otherwise);
  if (status) recordStatus(span, status, 500);
}
