/** The trigger of a Worker's `fetch` handler: one HTTP request. */
import { SpanKind } from "@opentelemetry/api";
import { httpSpanName, recordStatus, serverAttributes } from "../../instrument/http.js";
import { CLOUDFLARE_COLO, CLOUDFLARE_RAY_ID, FAAS_TRIGGER } from "../../trace/semconv.js";
import type { Trigger } from "../../trace/trigger.js";

/** The part of `request.cf` that is told. */
interface CfProperties {
  colo?: string;
  httpProtocol?: string;
}

export const fetchTrigger: Trigger<Request> = {
  carrier: (request) => request.headers,
  root(request) {
    const { method, headers } = request;
    const { cf } = request as { cf?: CfProperties };
    const url = new URL(request.url);
    const attributes = serverAttributes({
      method,
      scheme: url.protocol.slice(0, -1),
      path: url.pathname,
      query: url.search.slice(1),
      host: url.host,
      userAgent: headers.get("user-agent") ?? undefined,
      protocol: cf?.httpProtocol,
    });
    attributes[FAAS_TRIGGER] = "http";
    const ray = headers.get("cf-ray");
    if (ray) attributes[CLOUDFLARE_RAY_ID] = ray;
    if (cf?.colo) attributes[CLOUDFLARE_COLO] = cf.colo;
    return { name: httpSpanName(method), kind: SpanKind.SERVER, attributes };
  },
  result(span, response) {
    recordStatus(span, (response as Response).status, 500);
  },
};
