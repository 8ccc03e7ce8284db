/** Exceptions in the terms of the semantic conventions. */
import type { Attributes, Exception } from "@opentelemetry/api";
import { redacted } from "./redacted.js";

interface Thrown {
  readonly code: unknown;
  readonly name: string;
  readonly message: unknown;
  readonly stack: unknown;
}

/** @see https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/ */
export function exceptionAttributes(exception: Exception): Attributes {
  // In JavaScript anything is thrown, and recorded: also null. A text is its own message.
  const { code, name, message = exception, stack } = (exception ?? {}) as Partial<Thrown>;
  return {
    // A code such as ECONNRESET says more than "Error"; the number of a DOMException says less.
    "exception.type": typeof code === "string" ? code : name,
    "exception.message": redacted(message),
    "exception.stacktrace": redacted(stack),
  };
}
