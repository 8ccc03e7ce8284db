/**
 * The values of OpenTelemetry's enums that are used here. A bundle that imports the enums
 * themselves carries their tables of names as well.
 * @see https://opentelemetry.io/docs/specs/otel/trace/api/
 */
import type { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { SamplingDecision } from "@opentelemetry/sdk-trace";

export const KIND_INTERNAL: SpanKind.INTERNAL = 0;
export const KIND_SERVER: SpanKind.SERVER = 1;
export const KIND_CLIENT: SpanKind.CLIENT = 2;
export const KIND_PRODUCER: SpanKind.PRODUCER = 3;
export const KIND_CONSUMER: SpanKind.CONSUMER = 4;

export const STATUS_UNSET: SpanStatusCode.UNSET = 0;
export const STATUS_OK: SpanStatusCode.OK = 1;
export const STATUS_ERROR: SpanStatusCode.ERROR = 2;

/** The bit of the trace flags that says the trace is sampled. */
export const SAMPLED_FLAG = 1;
/** The bit that says the trace id is random; whoever continues the trace keeps it. */
export const RANDOM_FLAG = 2;

export const NOT_RECORD: SamplingDecision.NOT_RECORD = 0;
export const RECORD_AND_SAMPLED: SamplingDecision.RECORD_AND_SAMPLED = 2;
