/** Joins encode and send into the destinations that the flush step is given. */
import { DEFAULT_TIMEOUT_MS, type ExporterConfig } from "../config/exporter.js";
import { Destination } from "../send/destination.js";
import type { Log } from "../trace/report.js";
import { countDestination } from "../trace/stats.js";
import { type Outlets, createAttempt } from "./attempt.js";
import { createPayloads } from "./payload.js";

export interface DestinationsOptions extends Log {
  readonly outlets: Outlets;
  readonly maxQueueSize: number;
  readonly maxBatchSize: number;
  readonly now: () => number;
}

/** Creates one destination for each exporter. */
export function createDestinations(
  configs: readonly ExporterConfig[],
  { outlets, ...options }: DestinationsOptions,
): Destination[] {
  const payloads = createPayloads();
  return configs.map((config) => {
    const counters = countDestination(nameOf(config));
    const attempt = createAttempt(config, { outlets, payloads, counters, report: options.report });
    const timeoutMs = (config as { timeoutMs?: number }).timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return new Destination({ ...options, attempt, counters, timeoutMs });
  });
}

function nameOf(config: ExporterConfig): string {
  if (typeof config === "string") return config;
  if ("export" in config) return config.constructor.name.replace(/^Object$/, "SpanExporter");
  // Without its query, where some vendors carry a key; others have one in the path.
  const { origin, pathname } = new URL(config.url);
  return origin + pathname.replace(/[^/]{40,}/g, "REDACTED");
}
