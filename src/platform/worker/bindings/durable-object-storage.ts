/**
 * The storage of a Durable Object: a span for each call and each query, with keys and texts,
 * never a value. No clock runs in a synchronous call; its span tells that and where it was made.
 */
import type { Attributes } from "@opentelemetry/api";
import { activeFrame } from "../../../trace/active.js";
import { KIND_CLIENT } from "../../../trace/enums.js";
import { quietly } from "../../../trace/quietly.js";
import { DB_OPERATION_NAME, DB_SYSTEM_NAME } from "../../../trace/semconv.js";
import { runSpan } from "../../../trace/span.js";
import { type Replacement, replaceMethods } from "../replace-methods.js";
import { keyAttributes } from "./attributes.js";
import { queryAttributes, queryFailed } from "./query.js";
import { type CallSpan, traced } from "./traced.js";

const KV = "cloudflare.durable_object.kv";

type Methods = Readonly<Record<string, Replacement>>;

/** Instruments the classes that the context of a Durable Object leads to, each once per isolate. */
export function instrumentStorage(ctx: { storage?: { sql?: object; kv?: object } }): void {
  const { storage } = ctx;
  replaceMethods(storage, STORAGE);
  // Last, because a class that was declared without SQLite may have none of them.
  replaceMethods(storage?.sql, SQL);
  replaceMethods(storage?.kv, KEY_VALUE);
}

function callSpan(operation: string, attributes?: Attributes): CallSpan {
  return {
    name: `${operation} storage`,
    attributes: {
      [DB_SYSTEM_NAME]: "cloudflare-durable-object-sql",
      [DB_OPERATION_NAME]: operation,
      ...attributes,
    },
    onFailure: queryFailed,
  };
}

const call = (operation: string): Replacement => traced(() => callSpan(operation));

/** Calls with a key, a list of keys, or an object of keys and values. */
const keyed = (operation: string): Replacement =>
  traced(({ args: [given] }) => {
    const isObject = typeof given === "object" && given && !Array.isArray(given);
    return callSpan(operation, keyAttributes(KV, isObject ? Object.keys(given) : given));
  });

/** Which keys a list is of; other options change how it is read. */
const RANGE = ["start", "startAfter", "end", "prefix", "reverse", "limit"];

function rangeOf(options: unknown): Attributes {
  const range: Attributes = {};
  for (const key of RANGE) range[`${KV}.query.${key}`] = (options as Attributes | undefined)?.[key];
  return range;
}

/**
 * A transaction is the parent of what its closure does. The platform keeps the active context
 * for the closure, and hands it a transaction where the call is not the synchronous one.
 */
const transaction =
  (operation: string): Replacement =>
  (original) =>
    function (...args) {
      const [closure, ...rest] = args;
      if (!activeFrame()?.scope || typeof closure !== "function")
        return Reflect.apply(original, this, args);
      const { name, ...options } = callSpan(operation);
      return runSpan(name, { kind: KIND_CLIENT, ...options }, () =>
        Reflect.apply(original, this, [
          function (this: unknown, ...given: unknown[]): unknown {
            quietly(() => replaceMethods(given[0] as object | undefined, OPERATIONS));
            return Reflect.apply(closure, this, given);
          },
          ...rest,
        ]),
      );
    };

/** What can be done with keys, at once (`storage.kv`) and otherwise. */
const KEY_VALUE: Methods = {
  get: keyed("get"),
  put: keyed("put"),
  delete: keyed("delete"),
  list: traced(({ args: [options] }) => callSpan("list", rangeOf(options))),
};

/** What the storage and a transaction have in common. */
const OPERATIONS: Methods = {
  ...KEY_VALUE,
  deleteAll: call("deleteAll"),
  getAlarm: call("getAlarm"),
  setAlarm: call("setAlarm"),
  deleteAlarm: call("deleteAlarm"),
};

const STORAGE: Methods = {
  ...OPERATIONS,
  sync: call("sync"),
  transaction: transaction("transaction"),
  transactionSync: transaction("transactionSync"),
};

const SQL: Methods = {
  exec: traced(({ args: [query] }) => ({
    ...callSpan("exec", queryAttributes(query)),
    // The answer is a cursor. Only what was written is known before it is read.
    onResult(span, cursor) {
      const { rowsWritten } = cursor as { rowsWritten?: number };
      if (rowsWritten)
        span.setAttribute("cloudflare.durable_object.response.rows_written", rowsWritten);
    },
  })),
};
