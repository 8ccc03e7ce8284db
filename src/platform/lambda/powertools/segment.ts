/**
 * Segments and subsegments of X-Ray's SDK as far as Powertools and its users touch them, each
 * the face of a span. What was an annotation is an attribute of the same name; what was metadata
 * is one whose name begins with its namespace, as JSON where it is no plain value.
 */
import type { Span } from "@opentelemetry/api";
import { activeFrame } from "../../../trace/active.js";
import { contextWith } from "../../../trace/context.js";
import { KIND_CLIENT, STATUS_ERROR } from "../../../trace/enums.js";
import { recordFailure } from "../../../trace/failure.js";
import { quietly } from "../../../trace/quietly.js";
import { redacted } from "../../../trace/redacted.js";
import type { Scope } from "../../../trace/scope.js";
import {
  HTTP_REQUEST_METHOD,
  HTTP_RESPONSE_STATUS_CODE,
  URL_FULL,
} from "../../../trace/semconv.js";
import { OWN, startSpan } from "../../../trace/start-span.js";

/** The one segment of a span, so that `getSegment() === getSegment()`. */
const faces = new WeakMap<Span, Face>();

interface Http {
  readonly request?: { readonly url?: string; readonly method?: string };
  readonly response?: { readonly status?: number; readonly content_length?: number };
}

export abstract class Face {
  readonly name: string;
  readonly start_time: number = Date.now() / 1000;
  parent: Face | undefined;
  namespace: string | undefined;
  /** The span that it is the face of; none where nothing is recorded. */
  readonly span: Span | undefined;
  readonly #scope: Scope | undefined;
  #http: Http | undefined;
  #isClosed = false;

  constructor(name: string, span?: Span, scope?: Scope) {
    this.name = name;
    this.span = span;
    this.#scope = scope;
    if (span) faces.set(span, this);
  }

  get id(): string {
    return this.span?.spanContext().spanId ?? "";
  }

  /** As X-Ray writes it. */
  get trace_id(): string {
    const id = this.span?.spanContext().traceId ?? "";
    return `1-${id.slice(0, 8)}-${id.slice(8)}`;
  }

  get notTraced(): boolean {
    return this.span?.isRecording() !== true;
  }

  get in_progress(): boolean {
    return !this.#isClosed;
  }

  get http(): Http | undefined {
    return this.#http;
  }

  set http(http: Http | undefined) {
    this.#http = http;
    this.span?.setAttributes({
      [URL_FULL]: redacted(http?.request?.url),
      [HTTP_REQUEST_METHOD]: http?.request?.method,
      [HTTP_RESPONSE_STATUS_CODE]: http?.response?.status,
    });
  }

  /** Starts a child. A request by `fetch` has a span of its own, so that it gets no second one. */
  addNewSubsegment(name: string): Subsegment {
    const scope = this.#scope;
    const frame = activeFrame();
    const span =
      scope && this.span && frame && !isCall(this.span)
        ? quietly(() =>
            startSpan(scope, OWN, name, {}, contextWith(frame.context, this.span as Span)),
          )
        : undefined;
    const child = new Subsegment(name, span, scope);
    child.parent = this;
    return child;
  }

  addNewSubsegmentWithoutSampling(name: string): Subsegment {
    return new Subsegment(name);
  }

  addAnnotation(key: string, value: string | number | boolean): void {
    this.span?.setAttribute(key, value);
  }

  addMetadata(key: string, value: unknown, namespace = "default"): void {
    quietly(() => this.span?.setAttribute(`${namespace}.${key}`, plain(value)));
  }

  addAttribute(name: string, value: unknown): void {
    Reflect.set(this, name, value);
  }

  addError(error: unknown, _remote?: boolean): void {
    if (this.span) recordFailure(this.span, error);
  }

  addErrorFlag(): void {
    this.span?.setStatus({ code: STATUS_ERROR });
  }

  addFaultFlag(): void {
    this.addErrorFlag();
  }

  addThrottleFlag(): void {
    this.span?.setAttribute("aws.xray.throttle", true);
  }

  isClosed(): boolean {
    return this.#isClosed;
  }

  close(error?: unknown, remote?: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (error) this.addError(error, remote);
    this.span?.end();
  }

  /** Nothing is streamed to a daemon. */
  flush(): void {}

  toJSON(): object {
    const { id, name, start_time, trace_id } = this;
    return { id, name, start_time, trace_id };
  }
}

/** The invocation's own. */
export class Segment extends Face {}

/** Any other; Powertools tells them apart by `instanceof`. */
export class Subsegment extends Face {}

function isCall(span: Span): boolean {
  return (span as { kind?: number }).kind === KIND_CLIENT;
}

function plain(value: unknown): unknown {
  return typeof value === "object" && value ? JSON.stringify(value) : value;
}

/**
 * The face of the active span; of the invocation's own it is a `Segment`, which Powertools
 * lets nobody annotate, as it does not with Lambda's.
 */
export function segmentOf(span: Span, scope: Scope): Face {
  const { name = "" } = span as { name?: string };
  const Class = span === scope.root ? Segment : Subsegment;
  return faces.get(span) ?? new Class(name, span, scope);
}
