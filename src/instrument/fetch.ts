/**
 * Outgoing `fetch`: a CLIENT span, and the active context in the request's headers.
 * The global function is replaced once per isolate or process; outside of a traced
 * invocation the replacement only forwards its arguments.
 */
import type { Attributes } from "@opentelemetry/api";
import { injectContext } from "../propagate/inject.js";
import { KIND_CLIENT } from "../trace/enums.js";
import { activeContext, activeFrame } from "../trace/active.js";
import { quietly } from "../trace/quietly.js";
import { type RunSpanOptions, runSpan } from "../trace/span.js";
import type { Tracing, UrlFilter } from "../trace/tracing.js";
import { httpSpanName, methodAttributes, recordStatus } from "./http.js";
import { redacted } from "../trace/redacted.js";

type Fetch = typeof globalThis.fetch;
export type FetchArguments = Parameters<Fetch>;

let instrumented = false;

/** Replaces the `fetch` of `holder`, where the platform has it; a second call does nothing. */
export function instrumentFetch(holder: { fetch: Fetch } = globalThis): void {
  if (instrumented || typeof globalThis.fetch !== "function") return;
  instrumented = true;
  const original = globalThis.fetch;
  // A method and not a function, because `fetch` cannot be called with `new`.
  const replacement: { fetch: Fetch } = {
    fetch(this: unknown, ...args: FetchArguments): ReturnType<Fetch> {
      const tracing = activeFrame()?.scope?.tracing;
      // The caller's own `this` is handed on, so that what worked or threw before still does.
      const send = (sent: FetchArguments): ReturnType<Fetch> => Reflect.apply(original, this, sent);
      if (!tracing?.tracesFetch) return send(args);
      return traceFetch({ args, tracing, send, propagateTo: tracing.propagateTo });
    },
  };
  Object.defineProperty(replacement.fetch, "length", { value: original.length });
  holder.fetch = replacement.fetch;
}

/** One call of something like `fetch`, inside of an invocation. */
export interface FetchCall {
  readonly args: FetchArguments;
  readonly tracing: Tracing;
  /** Makes the call. */
  readonly send: (args: FetchArguments) => ReturnType<Fetch>;
  /** Whether the context may travel to this URL. */
  readonly propagateTo: UrlFilter;
  /** What is told beside the request. */
  readonly attributes?: Attributes;
}

/** Makes the call in a CLIENT span; untraced where it is none by HTTP, or wrong in itself. */
export function traceFetch(call: FetchCall): ReturnType<Fetch> {
  const target = quietly(() => targetOf(call.args));
  return target ? traceTarget(call, target) : call.send(call.args);
}

interface Target {
  readonly url: URL;
  readonly method: string;
}

function targetOf([input, init]: FetchArguments): Target | undefined {
  const request = typeof input === "object" && "url" in input ? input : undefined;
  const url = new URL(request?.url ?? input);
  const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
  // What does not travel by HTTP, such as data:, carries no context and is no call.
  return url.protocol.startsWith("http") ? { url, method } : undefined;
}

function traceTarget(
  { args, tracing, send, propagateTo, attributes }: FetchCall,
  { url, method }: Target,
): ReturnType<Fetch> {
  const options: RunSpanOptions<ReturnType<Fetch>> = {
    kind: KIND_CLIENT,
    attributes: {
      ...methodAttributes(method),
      "server.address": url.hostname,
      "server.port": Number(url.port) || (url.protocol === "https:" ? 443 : 80),
      "url.full": redacted(url.href.replace(/#.*/, "")),
      ...attributes,
    },
    onResult(active, response) {
      recordStatus(active, response.status, 400);
      tracing.capture?.answered(active, response);
    },
  };
  return runSpan(httpSpanName(method), options, (active) => {
    // Where the context cannot be added, `fetch` itself says what is wrong with its arguments.
    const carrying = quietly(() => propagateTo(url) && withContext(args, tracing));
    const sent = carrying || args;
    tracing.capture?.sent(active, sent);
    return send(sent);
  });
}

/** The arguments with the active context in their headers. */
function withContext([input, init]: FetchArguments, tracing: Tracing): FetchArguments {
  // A plain `init` can be copied member by member. Another one, such as the Request of
  // `fetch(url, request)`, keeps its members in getters, so that a Request takes it over, and
  // refuses what is none, such as the index of `urls.map(fetch)`.
  const prototype: unknown = init != null && Object.getPrototypeOf(init);
  if (prototype && prototype !== Object.prototype)
    return withContext([new Request(input, init)], tracing);
  const inherited = input instanceof Request ? input.headers : undefined;
  const headers = new Headers(init?.headers === undefined ? inherited : init.headers);
  injectContext(tracing.propagator, activeContext(), headers);
  return [input, { ...init, headers }];
}
