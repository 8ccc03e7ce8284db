/** KV namespaces: a span for each call, with its keys and what was found, never a value. */
import type { Attributes } from "@opentelemetry/api";
import {
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_SYSTEM_NAME,
} from "../../../trace/semconv.js";
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes, keyAttributes } from "./attributes.js";
import { type Told, sizeOf, tell } from "./tell.js";
import { traced } from "./traced.js";

const QUERY: Told = {
  prefix: "cloudflare.kv.query.",
  values: ["type", "cacheTtl", "expiration", "expirationTtl", "prefix", "limit"],
  presence: ["metadata", "cursor"],
};
const RESPONSE: Told = {
  prefix: "cloudflare.kv.response.",
  values: ["cacheStatus", "list_complete"],
  presence: ["metadata", "cursor"],
};

/**
 * @param optionsAt which argument are the options; the keys are the first, where that is another
 * @see https://developers.cloudflare.com/workers/observability/traces/spans-and-attributes/#workers-kv
 */
const call = (operation: string, optionsAt: number): Replacement =>
  traced(({ binding, args }) => {
    const [keys, value] = args;
    const options = args[optionsAt];
    const attributes = bindingAttributes(binding, "KV");
    attributes[DB_SYSTEM_NAME] = "cloudflare-kv";
    attributes[DB_OPERATION_NAME] = operation;
    if (optionsAt > 0) {
      Object.assign(attributes, keyAttributes("cloudflare.kv", keys));
      if (Array.isArray(keys)) attributes[DB_OPERATION_BATCH_SIZE] = keys.length;
    }
    if (optionsAt > 1) attributes["cloudflare.kv.query.payload.size"] = sizeOf(value);
    tell(attributes, typeof options === "string" ? { type: options } : options, QUERY);
    return {
      name: `${operation} ${binding ?? "kv"}`,
      attributes,
      onResult(span, result) {
        if (result === undefined) return;
        const told: Attributes = {
          "cloudflare.kv.response.returned_rows": rowsOf(operation, result),
        };
        // What `get` answers is the value itself.
        if (operation !== "get") tell(told, result, RESPONSE);
        span.setAttributes(told);
      },
    };
  });

/** Counts what was found: of one key, that says whether it was a hit. No value is read. */
function rowsOf(operation: string, result: unknown): number {
  if (operation === "list") return (result as { keys: unknown[] }).keys.length;
  const entries: unknown[] =
    result instanceof Map ? [...(result as Map<string, unknown>).values()] : [result];
  return entries.filter(
    (entry) =>
      entry !== null && (operation === "get" || (entry as { value: unknown }).value !== null),
  ).length;
}

export const KV: Readonly<Record<string, Replacement>> = {
  get: call("get", 1),
  getWithMetadata: call("getWithMetadata", 1),
  put: call("put", 2),
  delete: call("delete", 1),
  list: call("list", 0),
};
