/** Tells the operator about faults of telemetry, without ever flooding the log. */
import { diag } from "@opentelemetry/api";
import { quietly } from "./quietly.js";

export type Report = (problem: string) => void;

const INTERVAL_MS = 60_000;

/**
 * Creates a reporter that warns at most once a minute and says how many problems it
 * held back in between. It speaks through the OpenTelemetry diag logger where the
 * application has set one, else on the console.
 */
export function createReport(now: () => number): Report {
  let silentUntil = Number.NEGATIVE_INFINITY;
  let held = 0;
  return (problem) => {
    if (now() < silentUntil) {
      held++;
      return;
    }
    const more = held > 0 ? ` (and ${held} more since the last warning)` : "";
    silentUntil = now() + INTERVAL_MS;
    held = 0;
    warn(`edgespan: ${problem}${more}`);
  };
}

/** Tells any thrown value, also one that cannot be printed. */
export function printable(thrown: unknown): string {
  return quietly(() => String(thrown)) ?? "(an unprintable value)";
}

/** Warns through the diag logger of the application, or on the console where there is none. */
export function warn(message: string): void {
  const registered = (globalThis as { [API_GLOBAL]?: { diag?: unknown } })[API_GLOBAL]?.diag;
  if (registered) diag.warn(message);
  else console.warn(message);
}

// Where every copy of @opentelemetry/api 1.x keeps its registrations.
const API_GLOBAL = Symbol.for("opentelemetry.js.api.1");
