/** Rate limiting: a span for each decision; the key, which may be a person's, is not told. */
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { traced } from "./traced.js";

export const RATE_LIMIT: Readonly<Record<string, Replacement>> = {
  limit: traced(({ binding }) => ({
    name: `limit ${binding ?? "ratelimit"}`,
    attributes: bindingAttributes(binding, "RateLimit"),
    onResult(span, result) {
      const { success } = result as { success: boolean };
      span.setAttribute("cloudflare.ratelimit.success", success);
    },
  })),
};
