/** Attributes that an event gave, where AWS has a text or a number and anybody else may have anything. */
import type { Attributes } from "@opentelemetry/api";

/** Without objects and arrays: to copy a huge one would delay the handler. */
export function plainOnly(attributes: Attributes): Attributes {
  const plain: Attributes = {};
  for (const key in attributes)
    if (typeof attributes[key] !== "object") plain[key] = attributes[key];
  return plain;
}
