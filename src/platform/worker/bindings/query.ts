/** What is told of a query in SQL: its text without the values in it, and what it does to which table. */
import type { Attributes, Span } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import {
  DB_QUERY_SUMMARY,
  DB_QUERY_TEXT,
  DB_RESPONSE_STATUS_CODE,
  ERROR_TYPE,
} from "../../../trace/semconv.js";

/** What one `exec` may be given is a whole migration. */
const MAX_LENGTH = 10_000;

/** Where values stand: behind a comparison, and in the lists of IN and VALUES. */
const VALUES = /[=<>]\s*"\w+"(?!\.)|(\bin|values|\),)\s*\([^()]*/gi;
const WORD = /"\w+"(?!\.)/g;
/**
 * Comments, then what is kept (names and placeholders), then values. SQLite takes a text in
 * double quotes for a value where no column has the name, so that only a plain word is a name, and
 * not where values stand.
 */
const TOKENS =
  /(--[^\n]*|\/\*[^]*?(?:\*\/|$))|("\w+"|`[^`]*`|\[[^[\]]*\]|[?:@$]\w+)|(?:'[^']*'?)+|"[^"]*"?|\b\d[\w.]*/g;
const VERB = /^\W*(\w+)/;
const TABLE =
  /(?:^\W*update(?:\s+or\s+\w+)?|\b(?:from|into|table))\s+(?:if\s+(?:not\s+)?exists\s+)?["`[]?([\w.]{1,64})/i;

/**
 * The text and the summary, such as `SELECT users`; of several statements only the text.
 * @see https://opentelemetry.io/docs/specs/semconv/db/database-spans/#sanitization-of-dbquerytext
 */
export function queryAttributes(query: unknown, prefix = ""): Attributes {
  if (typeof query !== "string") return {};
  const text = query
    .slice(0, MAX_LENGTH)
    .replace(VALUES, (values) => values.replace(WORD, "?"))
    .replace(TOKENS, (_token, comment?: string, kept?: string) => kept ?? (comment ? " " : "?"));
  const verb = !/;\s*\S/.test(text) && VERB.exec(text)?.[1];
  const table = TABLE.exec(text)?.[1];
  return {
    [DB_QUERY_TEXT]: text,
    [DB_QUERY_SUMMARY]: verb ? `${prefix}${verb}${table ? ` ${table}` : ""}` : undefined,
  };
}

/** Tells the code of SQLite's, such as `SQLITE_CONSTRAINT_UNIQUE`; the last in the message says most. */
export function queryFailed(span: Span): void {
  const { message } = (span as Partial<ReadableSpan>).status ?? {};
  const code = message?.match(/SQLITE_\w+/g)?.pop();
  if (code) span.setAttributes({ [DB_RESPONSE_STATUS_CODE]: code, [ERROR_TYPE]: code });
}
