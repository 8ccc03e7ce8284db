/** Exceptions in the terms of the semantic conventions. */
import type { Attributes, Exception } from "@opentelemetry/api";

/** @see https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/ */
export function exceptionAttributes(exception: Exception): Attributes {
  if (typeof exception === "string") return { "exception.message": exception };
  const { code, name, message, stack } = exception;
  return {
    "exception.type": code === undefined ? name : String(code),
    "exception.message": message,
    "exception.stacktrace": stack,
  };
}
