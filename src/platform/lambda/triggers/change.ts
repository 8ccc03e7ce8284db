/** How data changed, in the three terms of the conventions. */
import type { Attributes } from "@opentelemetry/api";
import { FAAS_DOCUMENT_OPERATION, FAAS_DOCUMENT_TIME } from "../../../trace/semconv.js";

/**
 * Takes names such as `INSERT`, `ObjectCreated:Put` and `ObjectRemoved:Delete`.
 * @see https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/#datasource
 */
export function changeOf(eventName: string, time: string | undefined): Attributes {
  const isNew = /insert|created/i.test(eventName);
  return {
    [FAAS_DOCUMENT_OPERATION]: isNew ? "insert" : /remove/i.test(eventName) ? "delete" : "edit",
    [FAAS_DOCUMENT_TIME]: time,
  };
}
