/** `capture()`: what is recorded only where it is asked for. */
import type { Attributes, Baggage, Context, Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Capture, HeadersLike } from "../trace/capturing.js";
import { quietly } from "../trace/quietly.js";
import { SECRET, redacted } from "../trace/redacted.js";
import { HTTP_REQUEST_METHOD } from "../trace/semconv.js";
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
  /**
   * Further query parameters whose values are no more recorded than known secrets are, wherever
   * URLs are told: `["token", "filter[id]"]`. Neither case nor percent-encoding matters.
   */
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
  const { secretParameters = [] } = options;
  const secret = secretParameters.length > 0 ? secretOf(secretParameters) : undefined;
  const record = (span: Span, side: keyof typeof names, headers: HeadersLike): void => {
    for (const name of names[side]) {
      const value = headers.get(name);
      // A header may be a URL, as `referer` and `location` are.
      if (typeof value === "string")
        span.setAttribute(`http.${side}.header.${name}`, [redacted(value)]);
    }
  };
  return {
    started(given, context) {
      const attributes = quietly(() => {
        const all: Attributes = { ...told(context, baggage), ...given.attributes };
        if (secret) hideIn(all, secret);
        return all;
      });
      return attributes ? { ...given, attributes } : given;
    },
    received(span, event, headers) {
      if (!headers || !isHttp(span)) return;
      quietly(() => record(span, "request", withCookies(headers, event)));
      const address = clientAddress && quietly(() => addressOf(event, headers));
      if (address) span.setAttribute("client.address", address);
    },
    sent(span, [input, init]) {
      if (names.request.length === 0 || !span.isRecording()) return;
      quietly(() => {
        const given = (init as RequestInit | undefined)?.headers;
        record(span, "request", sentHeaders(given ?? (input as Partial<Request>).headers));
      });
    },
    answered(span, response) {
      if (names.response.length === 0 || !isHttp(span)) return;
      quietly(() => record(span, "response", responseHeaders(response)));
    },
    ended({ attributes, events, links, status }) {
      if (!secret) return;
      const held = [...events, ...links].map((one) => one.attributes);
      for (const holder of [status, attributes, ...held]) quietly(() => hideIn(holder, secret));
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

/** The pattern of known secrets, of other parameters. */
function secretOf(names: readonly string[]): RegExp {
  const patterns = names.map(patternOf).join("|");
  // A name may begin with what is no word.
  const source = SECRET.source.replace(String.raw`\b`, String.raw`(?<!\w)`);
  return new RegExp(
    source.replace(/\(Signature[^)]*\)/, () => `(${patterns})`),
    SECRET.flags,
  );
}

/** Matches a name in whichever way a URL has it: each character as it is, or as its bytes. */
function patternOf(name: string): string {
  return name.replaceAll(/\W/gu, (character) => {
    const encoded = Array.from(
      new TextEncoder().encode(character),
      (byte) => `%(?:25)*${byte.toString(16).padStart(2, "0")}`,
    );
    return `(?:\\${character}|${encoded.join("")}${character === " " ? "|[+]" : ""})`;
  });
}

/** Replaces what is secret in each text that an object holds, also in a list. */
function hideIn(holder: object | undefined, secret: RegExp): void {
  const values = holder as Record<string, unknown>;
  for (const key in values) {
    const value = values[key];
    if (Array.isArray(value)) hideIn(value, secret);
    if (typeof value === "string") values[key] = value.replace(secret, "$1REDACTED");
  }
}

/** Of a request in API Gateway's format 2.0, which has cookies beside the headers. */
function withCookies(headers: HeadersLike, event: unknown): HeadersLike {
  const { cookies } = event as HttpEvent;
  return {
    get: (name) => headers.get(name) ?? (name === "cookie" ? cookies?.join("; ") : undefined),
  };
}

/** The headers of a request, in whichever form it was given them. */
function sentHeaders(given: unknown): HeadersLike {
  // A Map does not ignore case.
  return isAsked(given) && !(given instanceof Map) ? given : new Headers(given as Headers);
}

/** Not `instanceof`: to ask for the class makes Node load all of its `fetch`. */
function isAsked(headers: unknown): headers is HeadersLike {
  return typeof (headers as Partial<HeadersLike> | undefined)?.get === "function";
}

/** The headers of a `Response`, or of the result by which a function answers a request. */
function responseHeaders(response: unknown): HeadersLike {
  const { headers, multiValueHeaders, cookies } = (response ?? {}) as Answer;
  return isAsked(headers)
    ? headers
    : nodeHeaders({ "set-cookie": cookies, ...headers, ...multiValueHeaders });
}

interface Answer {
  readonly headers?: object;
  readonly multiValueHeaders?: object;
  readonly cookies?: unknown;
}

interface HttpEvent {
  readonly cookies?: readonly string[];
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
