/**
 * EventBridge: events of a bus, and of its schedules.
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
import { KIND_CONSUMER } from "../../../trace/enums.js";
import { FAAS_INVOCATION_START_TIME, FAAS_TRIGGER } from "../../../trace/semconv.js";
import { carrierWithin } from "./carriers.js";
import { invoked } from "./invoked.js";
import type { LambdaTrigger } from "./lambda-trigger.js";
import { messagingAttributes, processName } from "./messaging.js";

interface Event {
  id: string;
  source: string;
  "detail-type": string;
  time: string;
  detail: object;
}

export const eventBridge: LambdaTrigger<Event> = {
  matches: (event) => typeof event["detail-type"] === "string" && typeof event.source === "string",
  carrier: ({ detail }) => carrierWithin(detail),
  root({ id, source, time, "detail-type": type }) {
    if (type === "Scheduled Event") return invoked({ [FAAS_INVOCATION_START_TIME]: time }, "timer");
    return {
      name: processName(type),
      kind: KIND_CONSUMER,
      attributes: {
        ...messagingAttributes("aws.eventbridge", undefined, id),
        [FAAS_TRIGGER]: "pubsub",
        "aws.eventbridge.source": source,
      },
    };
  },
};
