/** The records of a batch, and what the handler's result says has become of them. */
import type { Span } from "@opentelemetry/api";
import { STATUS_ERROR } from "../../trace/enums.js";
import { hasFailed } from "../../trace/failure.js";
import { ERROR_TYPE, MESSAGING_MESSAGE_ID } from "../../trace/semconv.js";
import type { RecordingSpan } from "../../trace/recording-span.js";
import type { AnySource } from "./triggers/record-source.js";

export interface Batch {
  readonly source: AnySource;
  readonly event: unknown;
  /** The spans of `traceRecord`, by the ids of their records. */
  readonly spans: Map<unknown, Span>;
}

const FAILURE = "aws.lambda.batch_item_failure";
/** As many events as a span keeps by default. */
const MAX_FAILURES = 128;

const batches = new WeakMap<Span, Batch>();

export function knowBatch(root: Span, batch: Batch): void {
  batches.set(root, batch);
}

export function batchOfRoot(root: Span | undefined): Batch | undefined {
  return root && batches.get(root);
}

/**
 * Tells on the span of the batch which records are to be delivered again, and marks the spans of
 * those records. They have ended, but not left: that is after the result.
 */
export function markFailed(root: Span, ids: readonly unknown[]): void {
  if (ids.length > 0) root.setAttribute(`${FAILURE}s`, ids.length);
  for (const id of ids.slice(0, MAX_FAILURES)) {
    if (typeof id !== "string") continue;
    root.addEvent(FAILURE, { [MESSAGING_MESSAGE_ID]: id });
    const span = batches.get(root)?.spans.get(id) as RecordingSpan | undefined;
    // A span that records nothing has no attributes.
    if (!span?.attributes || hasFailed(span)) continue;
    span.status = { code: STATUS_ERROR };
    span.attributes[ERROR_TYPE] = FAILURE;
  }
}
