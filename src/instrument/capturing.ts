/** `capture()`: what is recorded only where it is asked for. */
import type { Attributes, Baggage, Context, Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Capture, HeadersLike } from "../trace/capturing.js";
import { quietly } from "../trace/quietly.js";
import { HTTP_REQUEST_METHOD, URL_FULL } from "../trace/semconv.js";
import { BAGGAGE } from "../propagate/baggage.js";
import { nodeHeaders } from "../propagate/carriers.js";

/** What to record beside the rest; default none of it. */
export interface CaptureOptions {
  /** Headers of requests, in and out, by name: recorded as `http.request.header.<name>`. */
  requestHeaders?: readonly string[];
  /** Headers of responses, in and out, by name: recorded as `http.response.header.<name>`. */
  responseHeaders?: readonly string[];
  /** The address of who sent a request, as the platform tells it: recorded as `client.address`. */
  clientAddress?: boolean;
  /** Keys of baggage members that are recorded on every span, under the same name: `["tenant.id"]`. */
  baggage?: readonly string[];
  /** Further query parameters whose values are no more recorded than known secrets are: `["token"]`. */
  secretParameters?: readonly string[];
}

/**
 * Makes the option `capture`.
 *
 * @example
 * ```ts
 * instrument(handler, { capture: capture({ requestHeaders: ["x-tenant"], baggage: ["tenant.id"] }) });
 * ```
 */
export function capture(options: CaptureOptions): Capture {
  const names = {
    request: lowerCase(options.requestHeaders),
    response: lowerCase(options.responseHeaders),
  };
  const { baggage = [], clientAddress = false } = options;
  const secret = patternOf(options.secretParameters ?? []);
  const record = (span: Span, side: keyof typeof names, headers: HeadersLike): void => {
    for (const name of names[side]) {
      const value = headers.get(name);
      if (typeof value === "string") span.setAttribute(`http.${side}.header.${name}`, [value]);
    }
  };
  return {
    started(given, context) {
      const attributes = quietly(() =>
        withoutSecrets({ ...told(context, baggage), ...given.attributes }, secret),
      );
      return attributes ? { ...given, attributes } : given;
    },
    received(span, event, headers) {
      if (!headers || !isHttp(span)) return;
      quietly(() => record(span, "request", headers));
      const address = clientAddress && quietly(() => addressOf(event, headers));
      if (address) span.setAttribute("client.address", address);
    },
    sent(span, [input, init]) {
      if (names.request.length === 0 || !span.isRecording()) return;
      quietly(() => {
        const given = (init as RequestInit | undefined)?.headers;
        record(span, "request", new Headers(given ?? (input as Partial<Request>).headers));
      });
    },
    answered(span, response) {
      if (names.response.length === 0 || !isHttp(span)) return;
      quietly(() => record(span, "response", responseHeaders(response)));
    },
  };
}

function lowerCase(names: readonly string[] = []): readonly string[] {
  return names.map((name) => name.toLowerCase());
}

function isHttp(span: Span): boolean {
  return HTTP_REQUEST_METHOD in ((span as Partial<ReadableSpan>).attributes ?? {});
}

/** The members of baggage that are to be told. */
function told(context: Context, keys: readonly string[]): Attributes {
  const baggage = context.getValue(BAGGAGE) as Baggage | undefined;
  const known: Attributes = {};
  for (const key of keys) known[key] = baggage?.getEntry(key)?.value;
  return known;
}

function patternOf(parameters: readonly string[]): RegExp | undefined {
  const escaped = parameters.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return escaped.length > 0
    ? new RegExp(String.raw`(^|[?&])(${escaped.join("|")})=[^&#]*`, "gi")
    : undefined;
}

function withoutSecrets(attributes: Attributes, secret: RegExp | undefined): Attributes {
  for (const name of secret ? [URL_FULL, "url.query"] : []) {
    const value = attributes[name];
    if (secret && typeof value === "string")
      attributes[name] = value.replace(secret, "$1$2=REDACTED");
  }
  return attributes;
}

/** The headers of a `Response`, or of the result by which a function answers a request. */
function responseHeaders(response: unknown): HeadersLike {
  const { headers, multiValueHeaders } = (response ?? {}) as Answer;
  return headers instanceof Headers ? headers : nodeHeaders({ ...headers, ...multiValueHeaders });
}

interface Answer {
  readonly headers?: Headers | object;
  readonly multiValueHeaders?: object;
}

interface HttpEvent {
  readonly requestContext?: {
    readonly http?: { readonly sourceIp?: string };
    readonly identity?: { readonly sourceIp?: string };
  };
}

/**
 * The address as the platform saw it: that of Cloudflare's edge, of API Gateway, or what a load
 * balancer wrote last. What a client itself may have written before is not believed.
 */
function addressOf(event: unknown, headers: HeadersLike): string | undefined {
  const context = (event as HttpEvent).requestContext;
  if (!context) return headers.get("cf-connecting-ip") ?? undefined;
  const forwarded = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim();
  return context.http?.sourceIp ?? context.identity?.sourceIp ?? forwarded;
}
