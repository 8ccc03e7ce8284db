/** Times as OpenTelemetry's readers expect them: seconds and nanoseconds. */
import type { HrTime, TimeInput } from "@opentelemetry/api";

export function toHrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  const nanos = Math.round((epochMs - seconds * 1000) * 1e6);
  return nanos < 1e9 ? [seconds, nanos] : [seconds + 1, 0];
}

/**
 * Reads a time that the application passes: a `Date`, an `HrTime`, milliseconds since the
 * epoch, or a value of `performance.now()`, which `timeOrigin` then places. Anything else
 * is NaN.
 */
export function toEpochMs(input: TimeInput, timeOrigin: number): number {
  if (typeof input === "number") return input <= performance.now() ? input + timeOrigin : input;
  if (Array.isArray(input)) return input[0] * 1000 + input[1] / 1e6;
  return input instanceof Date ? input.getTime() : Number.NaN;
}
