/** KV namespaces: a span for each call, with its keys, never a value; names as Cloudflare's own tracing has them. */
import { DB_OPERATION_NAME, DB_SYSTEM_NAME } from "../../../trace/semconv.js";
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes, keyAttributes } from "./attributes.js";
import { traced } from "./traced.js";

/** `get` and `getWithMetadata` also take a list of keys; `list` takes none. */
const call = (operation: string): Replacement =>
  traced(({ binding, args: [keys] }) => ({
    name: `${operation} ${binding ?? "kv"}`,
    attributes: {
      ...bindingAttributes(binding, "KV"),
      [DB_SYSTEM_NAME]: "cloudflare-kv",
      [DB_OPERATION_NAME]: operation,
      ...keyAttributes("cloudflare.kv", keys),
    },
  }));

export const KV: Readonly<Record<string, Replacement>> = {
  get: call("get"),
  getWithMetadata: call("getWithMetadata"),
  put: call("put"),
  delete: call("delete"),
  list: call("list"),
};
