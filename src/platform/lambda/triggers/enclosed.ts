/**
 * What a message holds that another service put into it as JSON: a notification of SNS, an event
 * of EventBridge, or of S3. Only a text that names what is looked for is parsed.
 */
import type { Attributes } from "@opentelemetry/api";
import type { Carrier } from "../../../trace/trigger.js";
import { carrierOf, carrierWithin } from "./carriers.js";
import { type S3Record, s3 } from "./s3.js";

interface Enclosed {
  /** Of a notification of SNS. */
  Message?: unknown;
  MessageAttributes?: unknown;
  /** Of an event of EventBridge. */
  detail?: unknown;
  /** Of an event of S3. */
  Records?: readonly S3Record[];
}

export function attributeValue(attribute: unknown): unknown {
  return (attribute as { Value?: unknown }).Value;
}

/** The context of a notification or an event. */
export function carrierInMessage(text: unknown): Carrier | undefined {
  const { detail, MessageAttributes } = parsed(text, '"traceparent"');
  return detail ? carrierWithin(detail) : carrierOf(MessageAttributes, attributeValue);
}

/** What an event of S3 tells. */
export function documentInMessage(text: unknown): Attributes | undefined {
  const { Message, Records } = parsed(text, "aws:s3");
  if (Message) return documentInMessage(Message);
  const record = Records?.[0];
  return record?.s3 && { ...s3.attributes?.(record) };
}

function parsed(text: unknown, named: string): Enclosed {
  return typeof text === "string" && text.includes(named) ? (JSON.parse(text) as Enclosed) : {};
}
