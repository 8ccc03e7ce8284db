/** Exceptions in the terms of the semantic conventions. */
import type { Attributes, Exception } from "@opentelemetry/api";
import { redacted } from "./redacted.js";

/** @see https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/ */
export function exceptionAttributes(exception: Exception): Attributes {
  if (typeof exception === "string") return { "exception.message": redacted(exception) };
  // In JavaScript anything is thrown, and recorded: also null.
  const { code, name, message, stack } = exception ?? {};
  return {
    // A code such as ECONNRESET says more than "Error"; the number of a DOMException says less.
    "exception.type": typeof code === "string" ? code : name,
    "exception.message": redacted(message),
    "exception.stacktrace": redacted(stack),
  };
}
