/** What all invocations of one instrumented handler share. */
import type {
  Attributes,
  Context,
  Link,
  Span,
  SpanKind,
  TextMapPropagator,
} from "@opentelemetry/api";
import type {
  IdGenerator,
  ReadableSpan,
  SamplingResult,
  SpanLimits,
  SpanProcessor,
} from "@opentelemetry/sdk-trace";
import type { Capture } from "./capturing.js";

/** A source of time, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** Who hears of each span. */
export type Processors = Required<Pick<SpanProcessor, "onEnd" | "onEnding" | "onStart">>;

/** A sampler of the SDK, which may ask for the resource as well. */
export interface HeadSampler {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
    resource?: Attributes,
  ): SamplingResult;
  toString(): string;
  /** Whether all is dropped below a span that was dropped in the same invocation, so that nobody has to ask. */
  readonly dropsBelow?: boolean | undefined;
  /** Whether the parent and the trace id decide, so that nobody has to ask what else a span is. */
  readonly ignoresSpan?: boolean | undefined;
}

/** Decides when an invocation is over which of its spans are exported. Only `tail` of `edgespan/sampling` makes one. */
export interface TailSampler {
  /** Called once for each invocation that the head has sampled, to replace its `take`. */
  follow(invocation: FollowedInvocation): void;
}

/** The part of an invocation that a tail sampler sees. */
export interface FollowedInvocation {
  /** The root span, while it is open. */
  readonly root: Span | undefined;
  /** Hands over the spans that have ended since the last call. */
  take(): ReadableSpan[];
}

/** The limits of the SDK, and those of an invocation. */
export interface Limits extends SpanLimits {
  /**
   * The most spans that an invocation may hold, until they leave; further ones are not recorded,
   * but counted on its root span and in `stats()`. Default 1,000.
   */
  maxSpans?: number;
  /**
   * The most bytes, about, of all that its spans hold until they leave. Where they are used up
   * texts are cut to 64 characters, lists are empty, events and links have no attributes, and
   * further spans are not recorded, but counted as above; at twice as many nothing more is. Default
   * 2,000,000.
   */
  maxBytes?: number;
}

/** The settings by which spans are made, resolved once. */
export interface Tracing {
  readonly resource: ReadableSpan["resource"];
  readonly sampler: HeadSampler;
  readonly tail: TailSampler | undefined;
  readonly limits: Required<Limits>;
  /** The application's own processors, if any; they never throw. */
  readonly processors: Processors | undefined;
  readonly ids: IdGenerator;
  readonly clock: Clock | undefined;
  readonly propagator: TextMapPropagator<unknown>;
  /** Whether outgoing `fetch` calls become spans. */
  readonly tracesFetch: boolean;
  /** Whether context may be injected into a request to this URL. */
  readonly propagateTo: UrlFilter;
  /** Whether the caller's context may be continued, by what the handler was given. */
  readonly trusts: (event: unknown) => boolean;
  /** Records what the application asks for beside the rest. */
  readonly capture?: Capture | undefined;
  /** Takes out of a finished span what nobody may see; where it answers false the span is dropped. */
  readonly redact?: ((span: RedactableSpan) => boolean) | undefined;
  /** The names of the bindings whose messages or parameters carry context in an envelope. */
  readonly envelopesFor: readonly string[];
  /** Whether WebSockets become spans, which is the default, and their messages, which is not. */
  readonly webSockets: boolean | { readonly messages?: boolean } | undefined;
}

/** A span that has its end time and can still be changed. */
export type RedactableSpan = Span & ReadableSpan;

/** The part of a `URL` that tells where a request goes. */
export interface Destination {
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
}

/** Written as a method's type, so that a function of the platform's own `URL` fits too. */
export type UrlFilter = { matches(url: Destination): boolean }["matches"];
