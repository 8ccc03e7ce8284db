/** The root span of an event that is neither a request nor messages. */
import type { Attributes } from "@opentelemetry/api";
import { KIND_SERVER } from "../../../trace/enums.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { RootSpan } from "../../../trace/trigger.js";

/** Which service invoked the function, where no attribute of the conventions tells it. */
export const EVENT_SOURCE = "aws.lambda.event_source";

/**
 * A span of the function's name.
 * @see https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/#all-triggers
 */
export function invoked(attributes: Attributes, trigger = "other"): RootSpan {
  return {
    name: process.env.AWS_LAMBDA_FUNCTION_NAME ?? "invoke",
    kind: KIND_SERVER,
    attributes: { [FAAS_TRIGGER]: trigger, ...attributes },
  };
}
