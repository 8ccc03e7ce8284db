/** Trace ids that X-Ray's own tools take for theirs: they begin with the time. */
import type { IdGenerator } from "@opentelemetry/sdk-trace";
import { randomIds } from "./ids.js";

/**
 * Trace ids whose first eight digits are the seconds since the epoch, as X-Ray made them. X-Ray
 * takes any W3C id today; these are for what still reads the time in them.
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
 */
export const xrayIds: IdGenerator = {
  generateTraceId() {
    const seconds = Math.floor(Date.now() / 1000);
    return seconds.toString(16).padStart(8, "0") + randomIds.generateTraceId().slice(8);
  },
  generateSpanId() {
    return randomIds.generateSpanId();
  },
};
