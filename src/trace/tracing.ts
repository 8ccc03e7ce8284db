/** What all invocations of one instrumented handler share. */
import type { TextMapPropagator } from "@opentelemetry/api";
import type {
  IdGenerator,
  ReadableSpan,
  Sampler,
  SpanLimits,
  SpanProcessor,
} from "@opentelemetry/sdk-trace";

/** A source of time, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** Who hears of each span. */
export type Processors = Required<Pick<SpanProcessor, "onEnd" | "onEnding" | "onStart">>;

/** The settings by which spans are made, resolved once. */
export interface Tracing {
  readonly resource: ReadableSpan["resource"];
  readonly sampler: Sampler;
  readonly limits: Required<SpanLimits>;
  /** The application's own processors, if any; they never throw. */
  readonly processors: Processors | undefined;
  readonly ids: IdGenerator;
  readonly clock: Clock | undefined;
  readonly propagator: TextMapPropagator<unknown>;
  /** Whether outgoing `fetch` calls become spans. */
  readonly tracesFetch: boolean;
  /** Whether context may be injected into a request to this URL. */
  readonly propagateTo: UrlFilter;
  /** The names of the bindings whose messages or parameters carry context in an envelope. */
  readonly envelopesFor: readonly string[];
  /** Whether WebSockets become spans, which is the default, and their messages, which is not. */
  readonly webSockets: boolean | { readonly messages?: boolean } | undefined;
}

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
