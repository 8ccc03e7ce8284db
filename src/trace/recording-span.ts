/**
 * A span that records. It is OpenTelemetry's `Span` to the application and the SDK's
 * `ReadableSpan` to processors and serializers. It stands in for the SDK's own class, which
 * with its provider and resource would add 4 KB gzip to every Worker.
 */
import {
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  type TimeInput,
  isSpanContextValid,
} from "@opentelemetry/api";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace";
import { type Budget, charged, copiedAttributes, pushWithin, putAttribute } from "./attributes.js";
import { KIND_INTERNAL, STATUS_OK, STATUS_UNSET } from "./enums.js";
import type { Releasable } from "./context.js";
import { exceptionAttributes } from "./exception.js";
import { quietly } from "./quietly.js";
import type { Scope } from "./scope.js";
import { isTimeInput, toEpochMs, toHrTime } from "./time.js";

/** What most spans have, shared: a `redact` may empty it, and nobody can add to it. */
const NONE: never[] = Object.seal([]);

export class RecordingSpan implements Span, ReadableSpan, Budget {
  declare name: string;
  declare readonly kind: ReadableSpan["kind"];
  readonly parentSpanContext?: SpanContext;
  declare readonly instrumentationScope: ReadableSpan["instrumentationScope"];
  declare readonly resource: ReadableSpan["resource"];
  readonly attributes: Attributes = {};
  events: TimedEvent[] = NONE;
  links: ReadableSpan["links"] = NONE;
  status: SpanStatus = { code: STATUS_UNSET };
  ended = false;
  activeIn: Releasable["activeIn"];
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  /** What it takes of the bytes that the invocation may hold. */
  bytes = 0;
  #context: SpanContext;
  readonly #scope: Scope;
  readonly #startMs: number;
  #endMs = 0;
  /** How many more attributes the limit allows. */
  #room: number;

  constructor(
    scope: Scope,
    instrumentationScope: ReadableSpan["instrumentationScope"],
    name: string,
    spanContext: SpanContext,
    parent: SpanContext | undefined,
    { kind = KIND_INTERNAL, attributes = {}, links, startTime }: SpanOptions,
  ) {
    this.#scope = scope;
    this.#context = spanContext;
    this.#room = this.limits.attributeCountLimit;
    this.name = charged(name, this);
    this.kind = kind;
    if (parent) this.parentSpanContext = parent;
    this.instrumentationScope = instrumentationScope;
    this.resource = scope.tracing.resource;
    this.#startMs = this.#time(startTime);
    this.setAttributes(attributes);
    if (links) this.addLinks(links);
  }

  /** Announces the span to the application's processors. */
  announce(parent: Context): void {
    this.#scope.opened(this);
    this.#scope.tracing.processors?.onStart(this, parent);
  }

  // Times are kept as numbers: most readers ask once, and an array each would stay until then.
  get startTime(): ReadableSpan["startTime"] {
    return toHrTime(this.#startMs);
  }

  get endTime(): ReadableSpan["startTime"] {
    return toHrTime(this.#endMs);
  }

  get duration(): ReadableSpan["startTime"] {
    return this.#endMs ? toHrTime(this.#endMs - this.#startMs) : [-1, -1];
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  /** Until it has ended, or the invocation holds twice what it may. */
  isRecording(): boolean {
    return !this.ended && this.bytesLeft > -this.limits.maxBytes;
  }

  setAttribute(key: string, value: unknown): this {
    if (!this.isRecording()) return this;
    const added = putAttribute(this.attributes, key, value, this.#room, this);
    if (added < 0) this.droppedAttributesCount++;
    else this.#room -= added;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    // A getter that throws ends the list, and not the handler.
    quietly(() => {
      for (const key in attributes) this.setAttribute(key, attributes[key]);
    });
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (!this.isRecording()) return this;
    const { eventCountLimit, attributePerEventCountLimit } = this.limits;
    const isTime = isTimeInput(attributesOrTime);
    const event = {
      name: charged(name, this),
      time: toHrTime(this.#time(isTime ? attributesOrTime : time)),
      ...copiedAttributes(isTime ? undefined : attributesOrTime, attributePerEventCountLimit, this),
    };
    if (this.events === NONE) this.events = [];
    this.droppedEventsCount += pushWithin(this.events, event, eventCountLimit, this);
    return this;
  }

  addLink({ context, attributes }: Link): this {
    // For a link to nothing, e.g. to the parent that a message did not have, backends refuse the request.
    if (!this.isRecording() || !context || !isSpanContextValid(context)) return this;
    const { linkCountLimit, attributePerLinkCountLimit } = this.limits;
    const link = {
      context,
      ...copiedAttributes(attributes, attributePerLinkCountLimit, this),
    };
    if (this.links === NONE) this.links = [];
    this.droppedLinksCount += pushWithin(this.links, link, linkCountLimit, this);
    return this;
  }

  addLinks(links: readonly Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** OK is final, and nothing returns to UNSET, as the specification demands. */
  setStatus({ code, message }: SpanStatus): this {
    if (this.ended || code === STATUS_UNSET || this.status.code === STATUS_OK) return this;
    const told = code !== STATUS_OK && typeof message === "string" && this.isRecording();
    this.status = told ? { code, message: charged(message, this) } : { code };
    return this;
  }

  updateName(name: string): this {
    if (this.isRecording()) this.name = charged(name, this);
    return this;
  }

  recordException(...[exception, time]: Parameters<Span["recordException"]>): void {
    const attributes = quietly(() => exceptionAttributes(exception)) ?? {};
    if (attributes["exception.type"] || attributes["exception.message"])
      this.addEvent("exception", attributes, time);
  }

  end(endTime?: TimeInput): void {
    if (this.#endMs || this.ended) return;
    this.#endMs = Math.max(this.#time(endTime), this.#startMs);
    const { processors, redact, capture } = this.#scope.tracing;
    processors?.onEnding(this);
    capture?.ended(this);
    const isKept = redact?.(this) ?? true;
    this.ended = true;
    this.activeIn = this.activeIn?.release(this);
    if (isKept) processors?.onEnd(this);
    else this.#context = { ...this.#context, traceFlags: 0 };
    this.#scope.closed();
  }

  get bytesLeft(): number {
    return this.#scope.bytesLeft;
  }

  set bytesLeft(left: number) {
    this.bytes += this.#scope.bytesLeft - left;
    this.#scope.bytesLeft = left;
  }

  get limits(): Scope["tracing"]["limits"] {
    return this.#scope.tracing.limits;
  }

  #time(input: TimeInput | undefined): number {
    return toEpochMs(input, this.#scope.timeOrigin) ?? this.#scope.now();
  }
}
