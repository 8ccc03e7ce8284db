/** What is told of every call of a binding. */
import type { Attributes } from "@opentelemetry/api";
import { CLOUDFLARE_BINDING_NAME, CLOUDFLARE_BINDING_TYPE } from "../../../trace/semconv.js";
import { keysOf } from "./tell.js";

/** @see https://developers.cloudflare.com/workers/observability/traces/spans-and-attributes/ */
export function bindingAttributes(name: string | undefined, type: string): Attributes {
  return { [CLOUDFLARE_BINDING_NAME]: name, [CLOUDFLARE_BINDING_TYPE]: type };
}

/** The keys of a call, which is given one, a list of them or none, and how many they are. */
export function keyAttributes(prefix: string, given: unknown): Attributes {
  return {
    [`${prefix}.query.keys`]: keysOf(given),
    [`${prefix}.query.keys.count`]: Array.isArray(given) ? given.length : 1,
  };
}
