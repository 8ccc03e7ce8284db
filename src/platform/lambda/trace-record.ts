/** `traceRecord()`: a span for one record of a batch. */
import { type Span, type SpanOptions, trace } from "@opentelemetry/api";
import { extractContext } from "../../propagate/extract.js";
import { activeContext, activeFrame } from "../../trace/active.js";
import { KIND_CONSUMER } from "../../trace/enums.js";
import { quietly } from "../../trace/quietly.js";
import { endWith } from "../../trace/settle.js";
import type { Scope } from "../../trace/scope.js";
import { OWN } from "../../trace/start-span.js";
import { runWithSpan } from "../../trace/tracer.js";
import { plainOnly } from "./plain-only.js";
import { type Batch, batchOfRoot } from "./record-outcomes.js";
import { describe, idOf, linkOf } from "./triggers/batch.js";

/**
 * Runs `fn` inside a `process` span of one record of the event, and ends the span when `fn` is done.
 *
 * The span is a child of the active one and links to the span that sent the record, where the
 * record tells. What `fn` returns or throws is returned or thrown unchanged. A record that the
 * handler's result then names in `batchItemFailures` becomes an error, whether or not `fn` threw.
 * Outside of a traced invocation `fn` runs with a span that records nothing.
 *
 * @param record a record of the event that the handler was given: of SQS, SNS, Kinesis, DynamoDB,
 *   S3, Kafka, Amazon MQ or Firehose
 * @param fn the work; it receives the span
 * @see https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/#sqs-message
 */
export function traceRecord<T>(record: object, fn: (active: Span) => T): T {
  if (typeof fn !== "function")
    throw new TypeError("traceRecord(record, fn) needs a function as its last argument");
  const scope = activeFrame()?.scope;
  const batch = batchOfRoot(scope?.root);
  const described = scope && batch && quietly(() => recordSpan(scope, batch, record));
  const { name, options, id } = described ?? UNKNOWN;
  return runWithSpan(OWN, name, options, activeContext(), (active) => {
    if (id) batch?.spans.set(id, active);
    return endWith(active, {}, fn);
  });
}

interface RecordSpan {
  readonly name: string;
  readonly options: SpanOptions;
  /** By which the handler's result may name the record. */
  readonly id?: string | undefined;
}

const UNKNOWN: RecordSpan = { name: "process", options: { kind: KIND_CONSUMER } };

function recordSpan(scope: Scope, { source, event }: Batch, record: object): RecordSpan {
  const { name, attributes: told } = describe(source, record, event);
  const attributes = plainOnly(told);
  const links = linkOf(source, record, (carrier) =>
    trace.getSpanContext(extractContext(scope.tracing.propagator, carrier)),
  );
  const options = { kind: KIND_CONSUMER, attributes, links };
  return { name, options, id: idOf(source, record) };
}
