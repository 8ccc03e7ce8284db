export { span } from "./trace/span.js";
export { ConfigError } from "./config/error.js";
export type {
  BuiltInPropagator,
  NamedPropagators,
  Propagators,
  Trust,
  TrustRule,
} from "./config/context-options.js";
export type {
  ExporterName,
  ExporterOption,
  FlushOptions,
  Options,
  OtlpExporterOptions,
  SamplingOptions,
  ServiceOptions,
} from "./config/options.js";
export type {
  BindingClasses,
  FetchOptions,
  InstrumentOptions,
  ParentOptions,
  QueueOptions,
  WebSocketOptions,
  WorkflowOptions,
} from "./config/instrument-options.js";
export type { PartialSuccess, Protocol } from "./export/protocol.js";
export type {
  Endpoint,
  FetchLike,
  FetchedBody,
  FetchedResponse,
  Headers,
  Payload,
  Send,
  SendResult,
  Transport,
} from "./send/send.js";
export { type DestinationStats, type DroppedSpans, type Stats, stats } from "./trace/stats.js";
export type { Clock, HeadSampler, Limits, RedactableSpan, TailSampler } from "./trace/tracing.js";
