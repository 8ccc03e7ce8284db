/** Vectorize: a span for each call of an index, never a vector. */
import {
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_RESPONSE_RETURNED_ROWS,
  DB_SYSTEM_NAME,
} from "../../../trace/semconv.js";
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { calls } from "./calls.js";
import { traced } from "./traced.js";

/** A query takes one vector, an array too; the others that take an array take several items. */
const call = (operation: string): Replacement =>
  traced(({ binding, args: [given] }) => ({
    name: `${operation} ${binding ?? "vectorize"}`,
    attributes: {
      ...bindingAttributes(binding, "Vectorize"),
      [DB_SYSTEM_NAME]: "cloudflare.vectorize",
      [DB_OPERATION_NAME]: operation,
      [DB_OPERATION_BATCH_SIZE]:
        operation !== "query" && Array.isArray(given) ? given.length : undefined,
    },
    onResult(span, result) {
      const { matches = result } = (result ?? {}) as { matches?: unknown };
      if (Array.isArray(matches)) span.setAttribute(DB_RESPONSE_RETURNED_ROWS, matches.length);
    },
  }));

export const VECTORIZE: Readonly<Record<string, Replacement>> = calls(call, [
  "describe",
  "query",
  "queryById",
  "insert",
  "upsert",
  "getByIds",
  "deleteByIds",
]);
