/** What is told of every call of a binding. */
import type { Attributes } from "@opentelemetry/api";
import { CLOUDFLARE_BINDING_NAME, CLOUDFLARE_BINDING_TYPE } from "../../../trace/semconv.js";

/** @see https://developers.cloudflare.com/workers/observability/traces/spans-and-attributes/ */
export function bindingAttributes(name: string | undefined, type: string): Attributes {
  return { [CLOUDFLARE_BINDING_NAME]: name, [CLOUDFLARE_BINDING_TYPE]: type };
}
