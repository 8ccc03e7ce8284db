/** A trigger: what invoked a handler, told in the terms of a trace. */
import type { Attributes, Link, Span, SpanContext, SpanKind } from "@opentelemetry/api";
import type { Outlasting } from "./settle.js";

/** Where incoming context is read from; the `Headers` of the web platform fit as they are. */
export interface Carrier {
  get(name: string): string | null | undefined;
  keys(): Iterable<string>;
}

/** How the root span of an invocation starts. */
export interface RootSpan {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
  links?: Link[];
}

/** Reads the span context that a carrier beside the trigger's own holds, for a link to it. */
export type ExtractSpan = (carrier: Carrier) => SpanContext | undefined;

/** One kind of invocation. Adding a trigger is one file, one test and one line. */
export interface Trigger<Event> {
  /** Whether spans leave while the handler still runs, because it may be ended before its end. */
  readonly leavesEarly?: boolean;
  /** Whether what the carrier holds was written by this package for itself, so that nobody's trust is asked for. */
  readonly isOwnContext?: boolean;
  /** Where the event carries its caller's context, if anywhere. */
  carrier(event: Event): Carrier | undefined;
  /** The id of the trace, where one begins here; default a random one. */
  traceId?(event: Event): string;
  root(event: Event, extract: ExtractSpan): RootSpan;
  /** Adds what is dear to read and no sampler needs, once it is known that the span is recorded. */
  recorded?(span: Span, event: Event): void;
  /** What a result says about the invocation, e.g. its HTTP status. */
  result?: ((this: void, span: Span, result: unknown) => void) | undefined;
  /** Where a result goes on after the handler, e.g. a body that is streamed. Called in the invocation. */
  outlast?(result: unknown): Outlasting | undefined;
  /** Tells what became of the event when the handler is done, also where it failed. */
  settled?: ((this: void, span: Span, event: Event, failed: boolean) => void) | undefined;
}
