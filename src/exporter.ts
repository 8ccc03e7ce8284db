/** Joins encode and send into the one function that the flush step is given. */
import type { ExporterConfig } from "./config/exporter.js";
import { JSON_CONTENT_TYPE, encodeJson } from "./encode/json.js";
import type { Deliver } from "./flush/flush.js";
import type { Endpoint, Send } from "./send/send.js";
import { writeToConsole } from "./send/via-console.js";
import { viaFetch } from "./send/via-fetch.js";
import { type Report, printable } from "./trace/report.js";
import { VERSION } from "./version.js";

/** Builds the platform's transport to an endpoint. */
export type Transport = (endpoint: Endpoint) => Send;

/**
 * Creates what delivers finished spans to the configured exporter. It never rejects:
 * spans that could not be delivered are counted and reported.
 */
export function createExporter(
  config: ExporterConfig,
  transport: Transport,
  report: Report,
): Deliver {
  if (config === "none") return async () => {};
  if (config === "console")
    return async (spans) => {
      try {
        writeToConsole(spans);
      } catch (error) {
        report(`${spans.length} spans were not written: ${printable(error)}`);
      }
    };
  const { url, headers, timeoutMs, fetch } = config;
  const endpoint: Endpoint = {
    url,
    headers: { "user-agent": `edgespan/${VERSION}`, ...headers, "content-type": JSON_CONTENT_TYPE },
  };
  const send = fetch ? viaFetch(endpoint, fetch) : transport(endpoint);
  // What is shown of the endpoint is without its query, where some vendors carry a key.
  const { origin, pathname } = new URL(url);
  return async (spans, budgetMs) => {
    const failed = (reason: string): void =>
      report(`${spans.length} spans were not delivered to ${origin}${pathname}: ${reason}`);
    if (budgetMs <= 0) return failed("no time was left");
    try {
      const result = await send(encodeJson(spans), Math.min(timeoutMs, budgetMs));
      if (result.status !== "delivered") failed(result.reason);
    } catch (error) {
      failed(printable(error));
    }
  };
}
