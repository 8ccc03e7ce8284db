import type { LoopbackRequest } from "./loopback.js";

/**
 * An HTTP request as the event of a Function URL: payload format 2.0.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload
 */
export interface FunctionUrlEvent {
  readonly version: "2.0";
  readonly routeKey: "$default";
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly requestContext: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** The media types whose body arrives as text. Forms do not: they arrive in base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml|[^;]+\+(json|xml))\s*(;|$))/i;

const URL_ID = "local";

/** Turns a request into the event that a function in `region` would get. */
export function toFunctionUrlEvent(
  request: LoopbackRequest,
  { region, now, traceHeader }: { region: string; now: Date; traceHeader: string },
): FunctionUrlEvent {
  const [rawPath = "/", ...query] = request.target.split("?");
  const rawQueryString = query.join("?");
  const { cookie, ...headers } = request.headers;
  const domainName = `${URL_ID}.lambda-url.${region}.on.aws`;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: { ...headers, ...forwarded(request, domainName), "x-amzn-trace-id": traceHeader },
    ...(rawQueryString === "" ? {} : { queryStringParameters: parameters(rawQueryString) }),
    requestContext: requestContext(request, rawPath, domainName, now),
    ...eventBody(request),
  };
}

/** What the service sets: the function sees its public address, never the loopback one. */
function forwarded(request: LoopbackRequest, domainName: string): Record<string, string> {
  return {
    host: domainName,
    "x-forwarded-for": request.sourceIp,
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
  };
}

function parameters(query: string): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    joined[name] = joined[name] === undefined ? value : `${joined[name]},${value}`;
  }
  return joined;
}

function requestContext(
  request: LoopbackRequest,
  path: string,
  domainName: string,
  now: Date,
): Record<string, unknown> {
  const { method, protocol, sourceIp, headers } = request;
  return {
    accountId: "anonymous",
    apiId: URL_ID,
    domainName,
    domainPrefix: URL_ID,
    http: { method, path, protocol, sourceIp, userAgent: headers["user-agent"] ?? "" },
    requestId: crypto.randomUUID(),
    routeKey: "$default",
    stage: "$default",
    time: commonLogTime(now),
    timeEpoch: now.getTime(),
  };
}

function eventBody({ body, headers }: LoopbackRequest): {
  body?: string;
  isBase64Encoded: boolean;
} {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = TEXT.test(headers["content-type"] ?? "") && !headers["content-encoding"];
  const encoded = Buffer.from(body).toString(isText ? "utf8" : "base64");
  return { body: encoded, isBase64Encoded: !isText };
}

/** `12/Mar/2026:19:03:58 +0000` */
function commonLogTime(now: Date): string {
  const [, day, month, year, time] = now.toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
