export { span } from "./trace/span.js";
export { ConfigError } from "./config/error.js";
export type {
  ExporterName,
  FetchOptions,
  InstrumentOptions,
  Options,
  OtlpExporterOptions,
  SamplingOptions,
  ServiceOptions,
} from "./config/options.js";
export type { FetchLike, FetchedResponse } from "./send/send.js";
export type { Clock } from "./trace/tracing.js";
