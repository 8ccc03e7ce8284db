/** Records on a span that the work it describes failed. */
import type { Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { STATUS_ERROR } from "./enums.js";
import { redacted } from "./redacted.js";
import { ERROR_TYPE } from "./semconv.js";

/**
 * Records a thrown value of any type: exception event, error status, `error.type`.
 * A value with hostile getters is recorded as far as it can be read; nothing is thrown.
 * @see https://opentelemetry.io/docs/specs/semconv/general/recording-errors/
 */
export function recordFailure(span: Span, thrown: unknown): void {
  try {
    const error = thrown instanceof Error ? thrown : undefined;
    const told = (thrown as { message?: unknown } | null | undefined)?.message;
    const message = redacted(typeof told === "string" ? told : String(thrown)) as string;
    span.recordException(error ?? message);
    span.setAttribute(ERROR_TYPE, error ? error.name || "Error" : typeof thrown);
    span.setStatus({ code: STATUS_ERROR, message });
  } catch {
    span.setAttribute(ERROR_TYPE, "_OTHER");
    span.setStatus({ code: STATUS_ERROR });
  }
}

/** Whether an error was recorded on the span before. */
export function hasFailed(span: Span): boolean {
  return (span as Partial<ReadableSpan>).status?.code === STATUS_ERROR;
}
