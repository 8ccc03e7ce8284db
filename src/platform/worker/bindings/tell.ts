/** What may be told of arguments and results: plain values, and that something is there. */
import type { Attributes } from "@opentelemetry/api";

/** Of which properties the value is told, and of which only that they are there. */
export interface Told {
  /** What the attributes' names begin with; a property `cacheTtl` becomes `cache_ttl` in them. */
  readonly prefix: string;
  /** Told as far as they are text (unless it is empty), numbers or booleans. */
  readonly values: readonly string[];
  /** What may be secret, or long. */
  readonly presence?: readonly string[];
}

export function tell(
  into: Attributes,
  source: unknown,
  { prefix, values, presence = [] }: Told,
): void {
  if (typeof source !== "object" || !source) return;
  const held = source as Attributes;
  for (const name of values) {
    const value = held[name];
    if (value != null && value !== "" && typeof value !== "object")
      into[prefix + inSnakeCase(name)] = value;
  }
  for (const name of presence) if (held[name] != null) into[prefix + inSnakeCase(name)] = true;
}

function inSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, "_$&").toLowerCase();
}

/** Where Cloudflare's own spans cut a list of keys. */
const LONGEST_LIST = 512;

/** One key, or a list of them as Cloudflare's own spans show it. */
export function keysOf(keys: unknown): string | undefined {
  if (!Array.isArray(keys)) return typeof keys === "string" ? keys : undefined;
  const list = keys.join(", ");
  return list.length > LONGEST_LIST ? `${list.slice(0, LONGEST_LIST - 3)}...` : list;
}

/** The bytes of a buffer or a Blob; those of text or of a stream are not known before they are sent. */
export function sizeOf(body: unknown): number | undefined {
  const { byteLength, size } = (body ?? {}) as { byteLength?: number; size?: number };
  return byteLength ?? size;
}
