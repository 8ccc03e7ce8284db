/** The trigger of a Durable Object's `alarm`. */
import { KIND_INTERNAL } from "../../../trace/enums.js";
import { FAAS_INVOCATION_START_TIME, FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { Trigger } from "../../../trace/trigger.js";

export interface Alarm {
  readonly className: string;
  /** What the platform tells: how often it was tried before, and when it was due. */
  readonly info: { readonly retryCount?: number; readonly scheduledTime?: number } | undefined;
}

export const alarmTrigger: Trigger<Alarm> = {
  carrier() {
    return undefined;
  },
  root({ className, info }) {
    return {
      name: `${className} alarm`,
      kind: KIND_INTERNAL,
      attributes: {
        [FAAS_TRIGGER]: "timer",
        [FAAS_INVOCATION_START_TIME]: timeOf(info?.scheduledTime),
        "cloudflare.durable_object.alarm.retry_count": info?.retryCount || undefined,
      },
    };
  },
};

function timeOf(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString();
}
