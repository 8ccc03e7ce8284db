/** Tells the operator about faults of telemetry, without ever flooding the log. */
import { API, type ApiHolder } from "./api-global.js";
import { quietly } from "./quietly.js";
import { redacted } from "./redacted.js";

export type Report = (problem: string) => void;

/** What is told. */
export interface Log {
  /** Warns of what was lost or cannot work. */
  readonly report: Report;
  /** Warns of what may still come right, apart from the other, so that it never hides a loss. */
  readonly notice: Report;
  /** Tells each attempt to export, at level `debug`. */
  readonly debug: Report;
}

/** The values of `OTEL_LOG_LEVEL`, each with all that stand before it. */
export const LOG_LEVELS: readonly string[] = [
  "none",
  "error",
  "warn",
  "info",
  "debug",
  "verbose",
  "all",
];

const INTERVAL_MS = 60_000;

/**
 * Creates a log that warns at most once a minute of each kind and says how many problems it
 * held back in between. It speaks through the OpenTelemetry diag logger where the
 * application has set one, else on the console.
 */
export function createLog(now: () => number, level: string): Log {
  const rank = LOG_LEVELS.indexOf(level);
  const limited = (): Report => {
    let silentUntil = -Infinity;
    let held = 0;
    return (problem) => {
      held++;
      if (rank < 2 || now() < silentUntil) return;
      const more = held > 1 ? ` (and ${held - 1} more since the last warning)` : "";
      silentUntil = now() + INTERVAL_MS;
      held = 0;
      warn(`edgespan: ${problem}${more}`);
    };
  };
  return {
    report: limited(),
    notice: limited(),
    debug(told) {
      if (rank > 3) quietly(() => logger().debug(`edgespan: ${told}`));
    },
  };
}

/** Tells any thrown value, also one that cannot be printed, without what is secret in it. */
export function printable(thrown: unknown): string {
  return quietly(() => redacted(String(thrown))) ?? "(an unprintable value)";
}

/** Warns through the diag logger of the application, or on the console where there is none. */
export function warn(message: string): void {
  // A logger of the application's may throw, and nothing here is its fault.
  quietly(() => logger().warn(message));
}

function logger(): Pick<Console, "warn" | "debug"> {
  return (globalThis as ApiHolder)[API]?.diag ?? console;
}
