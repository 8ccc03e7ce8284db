/**
 * D1: a span for each query, with its text and never a value. Statements are prepared and
 * bound without a call, so that these make no span; a statement shows the text of its query.
 */
import type { AttributeValue, Attributes, Span } from "@opentelemetry/api";
import {
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_QUERY_SUMMARY,
  DB_SYSTEM_NAME,
} from "../../../trace/semconv.js";
import { quietly } from "../../../trace/quietly.js";
import { type Method, type Replacement, replaceMethods } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { queryAttributes, queryFailed } from "./query.js";
import { type CallSpan, nameBinding, nameOf, traced } from "./traced.js";

/** What a prepared statement shows of itself; nothing else that has `query` methods does. */
interface Statement {
  readonly statement?: unknown;
}

const query = (operation: string, onResult?: CallSpan["onResult"]): Replacement =>
  traced(({ binding, target, args: [input] }) => {
    // A database has a session of its own inside, which nobody named: its batches are told already.
    const isInner = operation === "batch" && !binding;
    if (isInner) return undefined;
    const statements = Array.isArray(input) ? (input as Statement[]) : undefined;
    // The one argument of `first` is a column; only `exec` is given a query.
    const text = (target as Statement).statement ?? (operation === "exec" ? input : undefined);
    return {
      name: `${operation} ${binding ?? "d1"}`,
      attributes: {
        ...bindingAttributes(binding, "D1"),
        [DB_SYSTEM_NAME]: "cloudflare-d1",
        [DB_OPERATION_NAME]: operation,
        ...(statements ? batchAttributes(statements) : queryAttributes(text)),
      },
      onResult,
      onFailure: queryFailed,
    };
  });

/** A text that several statements share is told once. */
function batchAttributes(statements: readonly Statement[]): Attributes {
  const texts = new Set(statements.map(({ statement }) => statement));
  const told = queryAttributes([...texts].join(";\n"), "BATCH ");
  return {
    ...told,
    [DB_QUERY_SUMMARY]: told[DB_QUERY_SUMMARY] ?? "BATCH",
    [DB_OPERATION_BATCH_SIZE]: statements.length,
  };
}

/** Of what D1 tells of a query, what is no value from the database. */
const META = [
  "rows_read",
  "rows_written",
  "changes",
  "changed_db",
  "served_by_region",
  "served_by_primary",
  "total_attempts",
  "sql_duration_ms",
];

type Meta = Readonly<Record<string, AttributeValue>>;

interface Result {
  readonly meta?: Meta & { readonly timings?: Meta };
}

/** Tells what D1 read, wrote and took; of a batch the numbers are added up, as Cloudflare does. */
function tellMeta(span: Span, result: unknown): void {
  const told: Record<string, AttributeValue> = {};
  for (const { meta } of [result].flat() as Result[])
    for (const key of META) {
      const name = `cloudflare.d1.response.${key}`;
      const before = told[name];
      const value = meta?.[key] ?? meta?.timings?.[key];
      told[name] = typeof value === "number" ? Number(before ?? 0) + value : before || value;
    }
  span.setAttributes(told);
}

/**
 * Instruments the class of what a method answers, by one that it makes here, for an application
 * may have made its own before the first invocation; and hands the binding's name on.
 */
function making(methods: Readonly<Record<string, Replacement>>): Replacement {
  return (original: Method, maker?: object) => {
    replaceMethods(Reflect.apply(original, maker, [""]) as object, methods);
    return function (...args) {
      const made = Reflect.apply(original, this, args) as object;
      quietly(() => nameBinding(made, nameOf(this as object)));
      return made;
    };
  };
}

const STATEMENT: Readonly<Record<string, Replacement>> = {
  first: query("first"),
  run: query("run", tellMeta),
  all: query("all", tellMeta),
  raw: query("raw"),
  bind: making({}),
};

const SESSION: Readonly<Record<string, Replacement>> = {
  prepare: making(STATEMENT),
  batch: query("batch", tellMeta),
};

export const D1: Readonly<Record<string, Replacement>> = {
  ...SESSION,
  exec: query("exec"),
  withSession: making(SESSION),
};
