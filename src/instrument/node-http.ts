/**
 * Requests of `node:http` and `node:https` as CLIENT spans, by the channels on which Node itself
 * tells of them: nothing is replaced, and clients that were made before are seen as well.
 */
import type { Span } from "@opentelemetry/api";
import { activeContext, activeFrame } from "../trace/active.js";
import type { Capture } from "../trace/capturing.js";
import { contextWith } from "../trace/context.js";
import { KIND_CLIENT } from "../trace/enums.js";
import { recordFailure } from "../trace/failure.js";
import { quietly } from "../trace/quietly.js";
import { OWN, startSpan } from "../trace/start-span.js";
import { type TextCarrier, injectContext } from "../propagate/inject.js";
import { httpSpanName, methodAttributes, recordStatus } from "./http.js";
import { redacted } from "../trace/redacted.js";

/** The part of an `http.ClientRequest` that is used here. */
interface ClientRequest {
  readonly method: string;
  readonly protocol: string;
  readonly host: string;
  readonly path: string;
  getHeader(name: string): string | number | string[] | undefined;
  setHeader(name: string, value: string): void;
  removeHeader(name: string): void;
  getHeaderNames(): string[];
}

interface Told {
  readonly request: ClientRequest;
  readonly response?: { readonly statusCode?: number; readonly headers?: object };
  readonly error?: unknown;
}

interface Open {
  readonly span: Span;
  readonly capture: Capture | undefined;
}

const spans = new WeakMap<ClientRequest, Open>();
let isInstrumented = false;

/**
 * From now on requests of `node:http(s)` inside of an invocation are spans and carry its context
 * where `instrument.fetch.propagateTo` allows; those of the AWS SDK are children of its commands.
 * A second call does nothing.
 */
export function instrumentNodeHttp(): void {
  if (isInstrumented) return;
  isInstrumented = true;
  const { subscribe } = process.getBuiltinModule("node:diagnostics_channel");
  const on = (name: string, told: (message: Told) => void): void =>
    subscribe(`http.client.${name}`, (message) => quietly(() => told(message as Told)));
  on("request.created", ({ request }) => begun(request));
  on("response.finish", ({ request, response }) => {
    ended(request, ({ span, capture }) => {
      recordStatus(span, response?.statusCode ?? 0, 400);
      capture?.answered(span, response);
    });
  });
  on("request.error", ({ request, error }) => {
    ended(request, ({ span }) => recordFailure(span, error));
  });
}

function begun(request: ClientRequest): void {
  const scope = activeFrame()?.scope;
  if (!scope?.tracing.tracesFetch) return;
  const { method } = request;
  const url = urlOf(request);
  const attributes = {
    ...methodAttributes(method),
    "server.address": url.hostname,
    "server.port": Number(url.port) || (url.protocol === "https:" ? 443 : 80),
    "url.full": redacted(url.href.replace(/#.*/, "")),
  };
  const options = { kind: KIND_CLIENT, attributes };
  const span = startSpan(scope, OWN, httpSpanName(method), options, activeContext());
  spans.set(request, { span, capture: scope.tracing.capture });
  if (scope.tracing.propagateTo(url))
    injectContext(scope.tracing.propagator, contextWith(activeContext(), span), headersOf(request));
}

/** The port is in the `host` header alone. */
function urlOf(request: ClientRequest): URL {
  const host = request.getHeader("host");
  return new URL(
    request.path,
    `${request.protocol}//${typeof host === "string" ? host : request.host}`,
  );
}

/** Headers that were given as a list are written already; such a request carries nothing. */
function headersOf(request: ClientRequest): TextCarrier {
  return {
    get(name) {
      // A list where the header was given as one.
      return request.getHeader(name)?.toString();
    },
    keys: () => request.getHeaderNames(),
    set: (name, value) => request.setHeader(name, value),
    delete: (name) => request.removeHeader(name),
  };
}

function ended(request: ClientRequest, tell: (told: Open) => void): void {
  const told = spans.get(request);
  spans.delete(request);
  if (!told) return;
  // Headers may be set until the request is sent.
  told.capture?.sent(told.span, [{ headers: headersOf(request) }]);
  tell(told);
  told.span.end();
}
