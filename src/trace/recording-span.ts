/**
 * A span that records. It is OpenTelemetry's `Span` to the application and the SDK's
 * `ReadableSpan` to processors and serializers. It stands in for the SDK's own class, which
 * with its provider and resource would add 4 KB gzip to every Worker.
 */
import type {
  Attributes,
  Context,
  Exception,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanKind,
  SpanStatus,
  TimeInput,
} from "@opentelemetry/api";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace";
import { copyAttributes, putAttribute } from "./attributes.js";
import { STATUS_OK, STATUS_UNSET } from "./enums.js";
import { exceptionAttributes } from "./exception.js";
import { quietly } from "./quietly.js";
import type { Scope } from "./scope.js";
import { toEpochMs, toHrTime } from "./time.js";

/** What a span is started with. */
export interface SpanStart {
  name: string;
  kind: SpanKind;
  spanContext: SpanContext;
  parentSpanContext: SpanContext | undefined;
  instrumentationScope: ReadableSpan["instrumentationScope"];
  resource: ReadableSpan["resource"];
  attributes: Attributes;
  links: readonly Link[] | undefined;
  startTime: TimeInput | undefined;
}

export class RecordingSpan implements Span, ReadableSpan {
  name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly instrumentationScope: ReadableSpan["instrumentationScope"];
  readonly resource: ReadableSpan["resource"];
  readonly startTime: HrTime;
  readonly attributes: Attributes = {};
  readonly events: TimedEvent[] = [];
  readonly links: ReadableSpan["links"] = [];
  status: SpanStatus = { code: STATUS_UNSET };
  endTime: HrTime = [0, 0];
  duration: HrTime = [-1, -1];
  ended = false;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  readonly #context: SpanContext;
  readonly #scope: Scope;
  readonly #startMs: number;
  /** How many more attributes the limit allows. */
  #room: number;

  constructor(scope: Scope, start: SpanStart) {
    this.#scope = scope;
    this.#context = start.spanContext;
    this.#room = this.#limits.attributeCountLimit;
    this.name = start.name;
    this.kind = start.kind;
    if (start.parentSpanContext) this.parentSpanContext = start.parentSpanContext;
    this.instrumentationScope = start.instrumentationScope;
    this.resource = start.resource;
    this.#startMs = this.#time(start.startTime);
    this.startTime = toHrTime(this.#startMs);
    this.setAttributes(start.attributes);
    if (start.links) this.addLinks(start.links);
  }

  /** Announces the span to the application's processors. */
  announce(parent: Context): void {
    this.#scope.opened();
    for (const processor of this.#processors) processor.onStart(this, parent);
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(key: string, value: unknown): this {
    if (this.ended) return this;
    const { attributeValueLengthLimit } = this.#limits;
    const added = putAttribute(this.attributes, key, value, this.#room, attributeValueLengthLimit);
    if (added < 0) this.droppedAttributesCount++;
    else this.#room -= added;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) this.setAttribute(key, attributes[key]);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.ended) return this;
    const { eventCountLimit, attributePerEventCountLimit, attributeValueLengthLimit } =
      this.#limits;
    const isTime = isTimeInput(attributesOrTime);
    const attributes = isTime ? undefined : attributesOrTime;
    const event = {
      name,
      time: toHrTime(this.#time(isTime ? attributesOrTime : time)),
      ...copyAttributes(attributes, attributePerEventCountLimit, attributeValueLengthLimit),
    };
    this.droppedEventsCount += pushWithin(this.events, event, eventCountLimit);
    return this;
  }

  addLink({ context, attributes }: Link): this {
    // A link to nothing, e.g. to the parent that a message did not have, would fail the encoder.
    if (this.ended || !context) return this;
    const { linkCountLimit, attributePerLinkCountLimit, attributeValueLengthLimit } = this.#limits;
    const link = {
      context,
      ...copyAttributes(attributes, attributePerLinkCountLimit, attributeValueLengthLimit),
    };
    this.droppedLinksCount += pushWithin(this.links, link, linkCountLimit);
    return this;
  }

  addLinks(links: readonly Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** OK is final, and nothing returns to UNSET, as the specification demands. */
  setStatus({ code, message }: SpanStatus): this {
    if (this.ended || code === STATUS_UNSET || this.status.code === STATUS_OK) return this;
    const told = code !== STATUS_OK && typeof message === "string";
    this.status = told ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.ended) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes = quietly(() => exceptionAttributes(exception)) ?? {};
    if (attributes["exception.type"] || attributes["exception.message"])
      this.addEvent("exception", attributes, time);
  }

  end(endTime?: TimeInput): void {
    if (this.ended) return;
    const endMs = Math.max(this.#time(endTime), this.#startMs);
    this.endTime = toHrTime(endMs);
    this.duration = toHrTime(endMs - this.#startMs);
    for (const processor of this.#processors) processor.onEnding?.(this);
    this.ended = true;
    for (const processor of this.#processors) processor.onEnd(this);
    this.#scope.closed(this);
  }

  get #limits(): Scope["tracing"]["limits"] {
    return this.#scope.tracing.limits;
  }

  get #processors(): Scope["tracing"]["processors"] {
    return this.#scope.tracing.processors;
  }

  #time(input: TimeInput | undefined): number {
    if (input === undefined) return this.#scope.now();
    const epochMs = toEpochMs(input, this.#scope.timeOrigin);
    // One time that is none would make the encoder refuse the whole batch.
    return Number.isFinite(epochMs) ? epochMs : this.#scope.now();
  }
}

function isTimeInput(value: unknown): value is TimeInput {
  return typeof value === "number" || value instanceof Date || Array.isArray(value);
}

/** Adds an item; where that passes the limit the oldest is dropped. Answers how many were. */
function pushWithin<T>(items: T[], item: T, limit: number): number {
  items.push(item);
  if (items.length <= limit) return 0;
  items.shift();
  return 1;
}
