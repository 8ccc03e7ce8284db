/** One attempt to hand spans over to a destination, whatever kind it is of. */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { SendResult } from "./send.js";

/** Spans that travel together. The array is never changed, so that its encoding can be kept. */
export type Batch = readonly ReadableSpan[];

/** What the spans hold, about. */
export function bytesOf(batch: Batch): number {
  let sum = 0;
  for (const span of batch) sum += (span as { bytes?: number }).bytes ?? 0;
  return sum;
}

/** How an attempt ended, and how many spans a backend refused that took the others. */
export type AttemptResult =
  | Exclude<SendResult, { status: "delivered" }>
  | { readonly status: "delivered"; readonly rejectedSpans?: number; readonly reason?: string };

/** Makes one attempt to hand a batch over, within `budgetMs`; it rejects where it cannot be encoded. */
export type Attempt = (batch: Batch, budgetMs: number) => Promise<AttemptResult>;
