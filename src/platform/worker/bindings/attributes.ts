/** What is told of every call of a binding. */
import type { Attributes } from "@opentelemetry/api";
import { CLOUDFLARE_BINDING_NAME, CLOUDFLARE_BINDING_TYPE } from "../../../trace/semconv.js";

/** @see https://developers.cloudflare.com/workers/observability/traces/spans-and-attributes/ */
export function bindingAttributes(name: string | undefined, type: string): Attributes {
  return { [CLOUDFLARE_BINDING_NAME]: name, [CLOUDFLARE_BINDING_TYPE]: type };
}

/** Of a list of keys, so much is told. */
const KEYS_LENGTH = 512;

/** The keys of a call, which is given one, a list of them or none, and how many they are. */
export function keyAttributes(prefix: string, given: unknown): Attributes {
  const keys = [given].flat().filter((key) => typeof key === "string");
  return {
    [`${prefix}.query.keys`]: keys.join(", ").slice(0, KEYS_LENGTH) || undefined,
    [`${prefix}.query.keys.count`]: keys.length || undefined,
  };
}
