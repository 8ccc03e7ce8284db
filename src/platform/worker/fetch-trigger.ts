/** The trigger of a Worker's `fetch` handler: one HTTP request. */
import { KIND_SERVER } from "../../trace/enums.js";
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
      address: url.hostname,
      port: url.port ? Number(url.port) : undefined,
      userAgent: headers.get("user-agent") ?? undefined,
      protocol: cf?.httpProtocol,
    });
    attributes[FAAS_TRIGGER] = "http";
    attributes[CLOUDFLARE_RAY_ID] = headers.get("cf-ray") ?? undefined;
    attributes[CLOUDFLARE_COLO] = cf?.colo;
    return { name: httpSpanName(method), kind: KIND_SERVER, attributes };
  },
  result(span, response) {
    recordStatus(span, (response as Response).status, 500);
  },
};
