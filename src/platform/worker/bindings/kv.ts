/** KV namespaces: a span for each call, with its key, never a value. */
import {
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_SYSTEM_NAME,
} from "../../../trace/semconv.js";
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { traced } from "./traced.js";

/** The prototype's methods; `get` and `getWithMetadata` also take a list of keys. */
const call = (operation: string): Replacement =>
  traced(({ binding, args: [key] }) => ({
    name: `${operation} ${binding ?? "kv"}`,
    attributes: {
      ...bindingAttributes(binding, "KV"),
      [DB_SYSTEM_NAME]: "cloudflare.kv",
      [DB_OPERATION_NAME]: operation,
      "cloudflare.kv.key": typeof key === "string" ? key : undefined,
      [DB_OPERATION_BATCH_SIZE]: Array.isArray(key) ? key.length : undefined,
    },
  }));

export const KV: Readonly<Record<string, Replacement>> = {
  get: call("get"),
  getWithMetadata: call("getWithMetadata"),
  put: call("put"),
  delete: call("delete"),
  list: call("list"),
};
