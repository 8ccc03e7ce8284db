/** The trigger of a Worker's `scheduled` handler: a cron expression that came due. */
import { KIND_INTERNAL } from "../../../trace/enums.js";
import { FAAS_INVOCATION_START_TIME, FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { Trigger } from "../../../trace/trigger.js";

/** The part of a `ScheduledController` that is told. */
export interface ScheduledEvent {
  readonly cron: string;
  /** When it was due, in milliseconds since the epoch. */
  readonly scheduledTime: number;
}

/** @see https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/#timer */
export const scheduledTrigger: Trigger<ScheduledEvent> = {
  carrier() {
    return undefined;
  },
  root({ cron, scheduledTime }) {
    return {
      name: `scheduled ${cron}`,
      kind: KIND_INTERNAL,
      attributes: {
        [FAAS_TRIGGER]: "timer",
        "faas.cron": cron,
        [FAAS_INVOCATION_START_TIME]: new Date(scheduledTime).toISOString(),
      },
    };
  },
};
