/** A table of methods that are all told in one way. */
import type { Replacement } from "../replace-methods.js";

export function calls(
  call: (operation: string) => Replacement,
  operations: readonly string[],
): Record<string, Replacement> {
  return Object.fromEntries(operations.map((operation) => [operation, call(operation)]));
}
