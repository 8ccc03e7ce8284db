/** The trigger of a Worker's `fetch` handler: one HTTP request. */
import { KIND_SERVER } from "../../../trace/enums.js";
import {
  httpSpanName,
  protocolAttributes,
  recordStatus,
  serverAttributes,
} from "../../../instrument/http.js";
import { CLOUDFLARE_COLO, CLOUDFLARE_RAY_ID, FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { Trigger } from "../../../trace/trigger.js";
import { untilStreamed } from "../streamed-body.js";

/** The part of `request.cf` that is told. */
interface CfProperties {
  colo?: string;
  httpProtocol?: string;
}

/**
 * The parts of a request's URL, which the platform has parsed and normalised already: scheme,
 * host, port, path and query. A `URL` would be one more object of the platform's to collect.
 */
const URL_PARTS = /^(\w+):\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]*):?(\d*)([^?#]*)\??([^#]*)/;

export const fetchTrigger: Trigger<Request> = {
  carrier(request) {
    return request.headers;
  },
  root({ method, headers, url }) {
    const [, scheme, address, port, path = "", query] = URL_PARTS.exec(url) ?? [];
    const attributes = serverAttributes({
      method,
      scheme,
      path,
      query,
      address,
      port: port ? Number(port) : undefined,
      userAgent: headers.get("user-agent") ?? undefined,
    });
    attributes[FAAS_TRIGGER] = "http";
    attributes[CLOUDFLARE_RAY_ID] = headers.get("cf-ray") ?? undefined;
    return { name: httpSpanName(method), kind: KIND_SERVER, attributes };
  },
  recorded(span, request) {
    // Parsed by the platform when it is first read.
    const { cf } = request as { cf?: CfProperties };
    if (!cf) return;
    span.setAttribute(CLOUDFLARE_COLO, cf.colo ?? undefined);
    span.setAttributes(protocolAttributes(cf.httpProtocol));
  },
  result(span, response) {
    recordStatus(span, (response as Response).status, 500);
  },
  outlast: untilStreamed,
};
