/** What spans of both ends of a queue have in common. */
import type { Attributes } from "@opentelemetry/api";

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
    "messaging.system.name": "cloudflare_queues",
    "messaging.operation.name": operation,
    "messaging.operation.type": operation,
    "messaging.destination.name": destination,
  };
}
