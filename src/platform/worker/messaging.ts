/** What spans of both ends of a queue have in common. */
import type { Attributes } from "@opentelemetry/api";
import {
  MESSAGING_DESTINATION_NAME,
  MESSAGING_OPERATION_NAME,
  MESSAGING_OPERATION_TYPE,
  MESSAGING_SYSTEM_NAME,
} from "../../trace/semconv.js";

type Operation = "send" | "process";

/** The destination is left out where it is not known. */
export function messagingName(operation: Operation, destination: string | undefined): string {
  return destination ? `${operation} ${destination}` : operation;
}

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function messagingAttributes(
  operation: Operation,
  destination: string | undefined,
): Attributes {
  return {
    [MESSAGING_SYSTEM_NAME]: "cloudflare_queues",
    [MESSAGING_OPERATION_NAME]: operation,
    [MESSAGING_OPERATION_TYPE]: operation,
    [MESSAGING_DESTINATION_NAME]: destination,
  };
}
