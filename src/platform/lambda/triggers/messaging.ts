/** What spans about messages have in common. */
import type { Attributes } from "@opentelemetry/api";
import {
  MESSAGING_DESTINATION_NAME,
  MESSAGING_MESSAGE_ID,
  MESSAGING_OPERATION_NAME,
  MESSAGING_OPERATION_TYPE,
  MESSAGING_SYSTEM_NAME,
} from "../../../trace/semconv.js";

const PROCESS = "process";

/** `process {destination}`, or `process` alone where that is not known. */
export function processName(destination: unknown): string {
  return typeof destination === "string" ? `${PROCESS} ${destination}` : PROCESS;
}

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function messagingAttributes(system: string, destination: unknown, id: unknown): Attributes {
  return {
    [MESSAGING_SYSTEM_NAME]: system,
    [MESSAGING_OPERATION_NAME]: PROCESS,
    [MESSAGING_OPERATION_TYPE]: PROCESS,
    [MESSAGING_DESTINATION_NAME]: destination,
    [MESSAGING_MESSAGE_ID]: id,
  };
}
