/** The Cache API: a span for each call, with its URL and whether something was there, never a body. */
import { redacted } from "../../../trace/redacted.js";
import { URL_FULL } from "../../../trace/semconv.js";
import type { Replacement } from "../replace-methods.js";
import { traced } from "./traced.js";

/** The URL apart, the names are those that workerd gives its own spans. */
const call = (operation: string): Replacement =>
  traced(({ args: [request, response] }) => ({
    name: `${operation} cache`,
    attributes: {
      [URL_FULL]: redacted(
        new URL((request as Partial<Request>).url ?? String(request)).href.replace(/#.*/, ""),
      ),
      "cache.request.payload.status_code": statusOf(response),
    },
    onResult(span, result) {
      span.setAttributes({
        // `put` answers nothing.
        ...(operation !== "put" && { "cache.response.success": !!result }),
        "cache.response.status_code": statusOf(result),
      });
    },
  }));

function statusOf(response: unknown): number | undefined {
  return (response as Response | undefined)?.status;
}

export const CACHE: Readonly<Record<string, Replacement>> = {
  match: call("match"),
  put: call("put"),
  delete: call("delete"),
};
