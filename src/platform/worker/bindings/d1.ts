/**
 * D1: a span for each query, with its text and never its parameters. Statements are prepared and
 * bound without a call, so that these make no span; a statement keeps the text of its query.
 */
import type { Attributes } from "@opentelemetry/api";
import {
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_QUERY_TEXT,
  DB_SYSTEM_NAME,
} from "../../../trace/semconv.js";
import { quietly } from "../../../trace/quietly.js";
import { type Method, type Replacement, replaceMethods } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { nameBinding, nameOf, traced } from "./traced.js";

const queries = new WeakMap<object, string>();

const query = (operation: string): Replacement =>
  traced(({ binding, target, args: [input] }) => {
    // A database has a session inside, which is not named and whose batch is a span already.
    if (operation === "batch" && !binding) return undefined;
    const statements = Array.isArray(input) ? (input as object[]) : undefined;
    // The one argument of `first` is a column; only `exec` is given a query.
    const text = queries.get(target) ?? (operation === "exec" ? (input as string) : undefined);
    return {
      name: `${operation} ${binding ?? "d1"}`,
      attributes: {
        ...bindingAttributes(binding, "D1"),
        [DB_SYSTEM_NAME]: "cloudflare-d1",
        [DB_OPERATION_NAME]: operation,
        [DB_QUERY_TEXT]: statements ? textsOf(statements) : text,
        [DB_OPERATION_BATCH_SIZE]: statements?.length,
      },
      onResult(span, result) {
        span.setAttributes(metaOf(result));
      },
    };
  });

function textsOf(statements: readonly object[]): string | undefined {
  return statements.map((statement) => queries.get(statement) ?? "").join("; ") || undefined;
}

/** What D1 says that a query read and wrote. */
function metaOf(result: unknown): Attributes {
  const { meta } = (result ?? {}) as { meta?: { rows_read?: number; rows_written?: number } };
  return {
    "cloudflare.d1.response.rows_read": meta?.rows_read,
    "cloudflare.d1.response.rows_written": meta?.rows_written,
  };
}

/**
 * Instruments the class of what a method answers, and hands the binding's name on to it. What
 * `bind` answers is of a class that has been instrumented.
 */
function making(
  methods: Readonly<Record<string, Replacement>>,
  textOf: (maker: object, args: readonly unknown[]) => unknown,
): Replacement {
  return (original: Method) =>
    function (...args) {
      const made = Reflect.apply(original, this, args) as object;
      quietly(() => {
        const text = textOf(this as object, args);
        if (typeof text === "string") queries.set(made, text);
        nameBinding(made, nameOf(this as object));
        replaceMethods(made, methods);
      });
      return made;
    };
}

const STATEMENT: Readonly<Record<string, Replacement>> = {
  first: query("first"),
  run: query("run"),
  all: query("all"),
  raw: query("raw"),
  bind: making({}, (statement) => queries.get(statement)),
};

const SESSION: Readonly<Record<string, Replacement>> = {
  prepare: making(STATEMENT, (_session, [text]) => text),
  batch: query("batch"),
};

export const D1: Readonly<Record<string, Replacement>> = {
  ...SESSION,
  exec: query("exec"),
  withSession: making(SESSION, () => undefined),
};
