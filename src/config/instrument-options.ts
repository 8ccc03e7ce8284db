/** Options of what is instrumented, and of how context travels by it. */
import type { UrlFilter } from "../trace/tracing.js";

export interface InstrumentOptions {
  /** Whether outgoing `fetch` calls become spans and carry context. Default `true`. */
  fetch?: boolean | FetchOptions;
  /**
   * On Workers, whether the server span lasts until the end of a response body that JavaScript
   * streams; with `false` it ends when the handler has answered. Default `true`.
   */
  streams?: boolean;
  /** Cloudflare Queues. */
  queues?: QueueOptions;
  /** Cloudflare Workflows. */
  workflows?: WorkflowOptions;
  /**
   * On Workers, whether WebSockets become spans. Default `true` for those that a Durable Object
   * accepts by `ctx.acceptWebSocket`; those that are accepted by `accept()` need `webSockets` of
   * `edgespan/bindings` among the `bindings`.
   */
  websockets?: boolean | WebSocketOptions;
  /** On Workers, bindings that become spans beside the common ones: `moreBindings` and `webSockets` of `edgespan/bindings`. */
  bindings?: readonly BindingClasses[];
  /** On Lambda, where an invocation's parent may come from. */
  lambda?: ParentOptions;
}

/**
 * Parents beside W3C trace context in the event and in Lambda's own headers, which always count.
 * What X-Ray did not sample is traced all the same.
 */
export interface ParentOptions {
  /**
   * Whether a sampled segment of X-Ray's becomes the parent where nothing else is; otherwise it
   * becomes a link. Default: whether an exporter sends to X-Ray (`https://xray.….amazonaws.com`) or
   * `OTEL_PROPAGATORS` names `xray-lambda`.
   */
  xrayParent?: boolean;
  /**
   * Whether a task of Step Functions may name its parent in its input: `traceparent`, or
   * `_datadog` as Datadog's libraries write it. Default `false`.
   */
  stepFunctions?: boolean;
}

/** How the methods of bindings are traced, by the names that the platform has for their classes. */
export interface BindingClasses {
  readonly [className: string]: Readonly<Record<string, (original: never) => unknown>>;
}

export interface FetchOptions {
  /**
   * Which requests carry `traceparent` and `baggage`: a list of origins and patterns that
   * the URL is matched with, or a function of the URL. A redirect takes them where it leads.
   * Service bindings and stubs of Durable Objects always carry them. Default: all.
   */
  propagateTo?: readonly (string | RegExp)[] | UrlFilter;
}

export interface WebSocketOptions {
  /** Whether each message that arrives becomes a span too, with its type and size. Default `false`. */
  messages?: boolean;
}

export interface QueueOptions {
  /**
   * On Workers, the names of the queue bindings whose messages carry context, e.g. `["ORDERS"]`.
   * Messages have no headers, so that the body is sent in an envelope, which instrumented
   * consumers open unseen; others get `{ "edgespan": 1, "traceparent": "…", "body": … }`.
   * Default: none.
   */
  propagate?: readonly string[];
}

export interface WorkflowOptions {
  /**
   * On Workers, the names of the Workflow bindings whose instances continue the trace of their
   * creator, e.g. `["FULFILMENTS"]`; calls of these are spans by `moreBindings`. The parameters
   * are sent in the envelope of queues, which `instrumentWorkflow` opens unseen. Default: none.
   */
  propagate?: readonly string[];
}
