/** The trigger of a Durable Object's `alarm`. */
import { KIND_INTERNAL } from "../../../trace/enums.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { Trigger } from "../../../trace/trigger.js";

export interface Alarm {
  readonly className: string;
  /** What the platform tells of an alarm that is tried again. */
  readonly info: { readonly retryCount?: number } | undefined;
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
        "cloudflare.durable_object.alarm.retry_count": info?.retryCount || undefined,
      },
    };
  },
};
