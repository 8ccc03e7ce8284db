/** Times as OpenTelemetry's readers expect them: seconds and nanoseconds. */
import type { HrTime, TimeInput } from "@opentelemetry/api";

export function toHrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  const nanos = Math.round((epochMs - seconds * 1000) * 1e6);
  return nanos < 1e9 ? [seconds, nanos] : [seconds + 1, 0];
}

/** As unsigned 64-bit nanoseconds, this is about the year 2540. */
const MAX_EPOCH_MS = 1.8e13;

export function isTimeInput(value: unknown): value is TimeInput {
  return typeof value === "number" || value instanceof Date || Array.isArray(value);
}

/**
 * Reads a time that the application passes: a `Date`, an `HrTime`, milliseconds since the
 * epoch, or a value of `performance.now()`, which `timeOrigin` then places. Nothing for
 * anything else, and for what OTLP cannot carry: backends would refuse the whole request for it.
 */
export function toEpochMs(input: TimeInput | undefined, timeOrigin: number): number | undefined {
  if (!isTimeInput(input)) return undefined;
  let ms = Array.isArray(input) ? input[0] * 1000 + input[1] / 1e6 : Number(input);
  if (typeof input === "number" && input <= performance.now()) ms += timeOrigin;
  return ms >= 0 && ms < MAX_EPOCH_MS ? ms : undefined;
}
