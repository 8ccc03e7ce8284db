/** What options are asked for, in terms that a message can name. */
import { isUrl } from "./endpoint.js";
import { invalid } from "./error.js";

export type Check = (value: unknown) => boolean;

export function need(name: string, value: unknown, check: Check, fix: string): void {
  if (value !== undefined && !check(value)) throw invalid(name, fix, value);
}

export function list(name: string, values: unknown, check: Check, item: string): void {
  need(name, values, Array.isArray, `must be an array; each item is ${item}`);
  for (const [index, value] of ((values as unknown[] | undefined) ?? []).entries())
    if (!check(value)) throw invalid(`${name}[${index}]`, `must be ${item}`, value);
}

export const isObject: Check = (value) => typeof value === "object" && value !== null;
/** An object literal, as opposed to an array, a Map, Headers or a promise, which hide what they hold. */
export const isPlain: Check = (value) => {
  if (!isObject(value) || Array.isArray(value)) return false;
  const { entries, then } = value as { entries?: unknown; then?: unknown };
  return !isFunction(entries) && !isFunction(then);
};
export const isString: Check = (value) => typeof value === "string";
export const isBoolean: Check = (value) => typeof value === "boolean";
export const isFunction: Check = (value) => typeof value === "function";
export const isName: Check = (value) => typeof value === "string" && value !== "";
export const isTrust: Check = (value) => isFunction(value) || value === "all" || value === "none";
export const isPropagator: Check = (value) =>
  has("inject", "extract", "fields")(value) || value === "tracecontext" || value === "baggage";
export const isExporter: Check = (value) =>
  isSdkExporter(value) || ["otlp", "otlp/stdout", "console", "none"].includes(value as string);
export const isSdkExporter: Check = (value) => has("export", "shutdown")(value);
export const isHeaders: Check = (value) =>
  value === undefined || isPlain(value) || isFunction(value) || has("then")(value);
export const isFetch: Check = (value) => isFunction(value) || has("fetch")(value);
export const isWhen: Check = (value) => value === "afterResponse" || value === "beforeResponse";
export const isCompression: Check = (value) => value === "gzip" || value === "none";
export const isCount: Check = (value) => Number.isInteger(value) && (value as number) > 0;
/** What a timer can count. */
export const isDuration: Check = (value) =>
  typeof value === "number" && value >= 0 && value < 2 ** 31;
export const isPositive: Check = (value) => typeof value === "number" && value > 0;
export const isLimit: Check = (value) =>
  value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 0);
export const isOrigin: Check = (value) =>
  value instanceof RegExp || (isUrl(value) && new URL(value).origin === value);
export const has =
  (...methods: readonly string[]): Check =>
  (value) =>
    methods.every((method) => isFunction((value as Record<string, unknown> | null)?.[method]));
