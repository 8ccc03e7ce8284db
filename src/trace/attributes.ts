/** Takes over what a span is given: within the limits, and as something every encoding can carry. */
import type { Attributes } from "@opentelemetry/api";
import { quietly } from "./quietly.js";

const MAX_DEPTH = 4;

/** How much may be taken over. */
export interface Budget {
  readonly limits: { readonly attributeValueLengthLimit: number };
  /** Of all; a character counts as one, and each value as 8 more. */
  bytesLeft: number;
}

/**
 * Sets `key` in `into` unless that would be one key too many. A value that cannot be told
 * (undefined, null, a function) is left out.
 *
 * @param room how many more keys `into` may take; the caller counts, because counting the
 *   keys here would take longer than all else
 * @returns 1 for a new key, 0 for none, -1 where there was no room
 * @see https://opentelemetry.io/docs/specs/otel/common/#attribute-limits
 */
export function putAttribute(
  into: Attributes,
  key: string,
  value: unknown,
  room: number,
  budget: Budget,
  depth: number = MAX_DEPTH,
): -1 | 0 | 1 {
  const isNew = !Object.hasOwn(into, key);
  if (isNew && room <= 0) return value == null ? 0 : -1;
  const kept = toAttributeValue(value, budget, depth);
  if (kept === undefined || !key || key === "__proto__") return 0;
  // What is replaced gives its place back, about.
  if (isNew) budget.bytesLeft -= key.length;
  else budget.bytesLeft += lengthOf(into[key]) + 8;
  into[key] = kept;
  return isNew ? 1 : 0;
}

/** What an object says of its length is only one more value. */
function lengthOf(value: unknown): number {
  return typeof value === "string" || Array.isArray(value) ? value.length : 0;
}

/**
 * Takes a text over, or bytes, as far as that may be; where nothing is left still as much as a
 * route or the type of an error has.
 */
function fitted<T extends string | Uint8Array>(value: T, budget: Budget): T {
  const room = Math.min(budget.limits.attributeValueLengthLimit, Math.max(64, budget.bytesLeft));
  budget.bytesLeft -= Math.min(room, value.length);
  // A part of a string keeps the whole of it in memory, a clone does not.
  return value.length > room ? (structuredClone(value.slice(0, room)) as T) : value;
}

/** Counts a text that is never cut. */
export function charged(text: string, budget: Budget): string {
  budget.bytesLeft -= lengthOf(text);
  return text;
}

/** As `copyAttributes`; none of those whose getters throw, for the handler must not see that. */
export function copiedAttributes(
  ...from: Parameters<typeof copyAttributes>
): ReturnType<typeof copyAttributes> {
  return quietly(() => copyAttributes(...from)) ?? { attributes: {}, droppedAttributesCount: 0 };
}

/** Copies `attributes` within the limits; answers the copy and how many keys found no room. */
export function copyAttributes(
  attributes: Attributes | undefined,
  countLimit: number,
  budget: Budget,
  depth?: number,
): { attributes: Attributes; droppedAttributesCount: number } {
  const kept: Attributes = {};
  let room = countLimit;
  let droppedAttributesCount = 0;
  for (const key in attributes) {
    const added = putAttribute(
      kept,
      key,
      attributes[key],
      Math.min(room, budget.bytesLeft),
      budget,
      depth,
    );
    if (added < 0) droppedAttributesCount++;
    else room -= added;
  }
  return { attributes: kept, droppedAttributesCount };
}

/**
 * NaN and the infinities become strings: OTLP JSON would carry them as null, for which
 * collectors reject every span of the request. Arrays and objects are copied, so that a
 * later change of theirs changes no span, and cut at a depth that ends every cycle.
 */
function toAttributeValue(value: unknown, budget: Budget, depth: number): unknown {
  budget.bytesLeft -= 8;
  switch (typeof value) {
    case "string":
      return fitted(value, budget);
    case "number":
    case "bigint":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "object":
      if (!value || depth === 0) return undefined;
      // An object with hostile getters is left out.
      return quietly(() => copyObject(value, budget, depth - 1));
    default:
      return undefined;
  }
}

function copyObject(value: object, budget: Budget, depth: number): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(fitted(value, budget));
  if (Array.isArray(value)) {
    // From an array of its own: a hole would stay one, which in JSON is nothing between two commas.
    // And into one: flatMap leaves room for more.
    return Array.from(value.slice(0, Math.max(0, budget.bytesLeft / 8)) as unknown[])
      .flatMap((item) =>
        budget.bytesLeft > 0 ? [toAttributeValue(item, budget, depth) ?? ""] : [],
      )
      .slice();
  }
  if (value instanceof Date || value instanceof Error) return String(value);
  return copyAttributes(value as Attributes, Infinity, budget, depth).attributes;
}

/** Adds an item; where that passes the limit the oldest is dropped. Answers how many were. */
export function pushWithin<T>(items: T[], item: T, limit: number, budget: Budget): 0 | 1 {
  if (items.push(item) > limit) {
    items.shift();
    return 1;
  }
  // About what it takes beside its texts.
  budget.bytesLeft -= 128;
  return 0;
}
