/** Joins encode and send into the one function that the flush step is given. */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { ExporterConfig } from "./config/exporter.js";
import { JSON_CONTENT_TYPE, encodeJson } from "./encode/json.js";
import type { Deliver } from "./flush/flush.js";
import type { Endpoint, Send } from "./send/send.js";
import { writeToConsole } from "./send/via-console.js";
import { viaFetch } from "./send/via-fetch.js";
import type { Report } from "./trace/report.js";
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
  if (config === "none") return () => Promise.resolve();
  if (config === "console") return (spans) => Promise.resolve(writeToConsole(spans));
  const { url, headers, timeoutMs, fetch } = config;
  const endpoint: Endpoint = {
    url,
    headers: { "user-agent": `edgespan/${VERSION}`, ...headers, "content-type": JSON_CONTENT_TYPE },
  };
  const send = fetch ? viaFetch(endpoint, fetch) : transport(endpoint);
  return async (spans, budgetMs) => {
    const reason = await attempt(send, spans, Math.min(timeoutMs, budgetMs));
    if (reason) report(`${spans.length} spans were not delivered to ${place(url)}: ${reason}`);
  };
}

async function attempt(
  send: Send,
  spans: readonly ReadableSpan[],
  budgetMs: number,
): Promise<string | undefined> {
  if (budgetMs <= 0) return "no time was left";
  try {
    const result = await send(encodeJson(spans), budgetMs);
    return result.status === "delivered" ? undefined : result.reason;
  } catch (error) {
    return String(error);
  }
}

/** The endpoint without what may be secret: credentials and query. */
function place(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
