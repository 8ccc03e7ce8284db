/** SQS and SNS: what is sent carries context in message attributes, which receivers without edgespan may ignore. */
import type { Attributes, SpanKind } from "@opentelemetry/api";
import { messageAttributes } from "../../propagate/carriers.js";
import type { TextCarrier } from "../../propagate/inject.js";
import { KIND_CLIENT, KIND_PRODUCER } from "../../trace/enums.js";
import {
  MESSAGING_BATCH_MESSAGE_COUNT,
  MESSAGING_DESTINATION_NAME,
  MESSAGING_MESSAGE_ID,
  MESSAGING_OPERATION_NAME,
  MESSAGING_OPERATION_TYPE,
  MESSAGING_SYSTEM_NAME,
} from "../../trace/semconv.js";
import { type AwsCall, type AwsService, type Shape, bytesIn, lastPart, shapes } from "./service.js";

type Carry = NonNullable<AwsService["carry"]>;
type Result = NonNullable<AwsService["result"]>;

/** The most that a request may hold, all of its messages together. */
const MAX_SQS_BYTES = 1_048_576;
const MAX_SNS_BYTES = 262_144;

const TYPES: Readonly<Record<string, string>> = {
  SendMessage: "send",
  SendMessageBatch: "send",
  Publish: "send",
  PublishBatch: "send",
  ReceiveMessage: "receive",
  DeleteMessage: "settle",
  DeleteMessageBatch: "settle",
};

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/sqs/ */
const describe = (
  { operation, input }: AwsCall,
  system: string,
  destination: unknown,
  own: Attributes,
): { kind: SpanKind; attributes: Attributes } => {
  const type = TYPES[operation];
  const batch = input.Entries ?? input.PublishBatchRequestEntries;
  return {
    kind: type === "send" ? KIND_PRODUCER : KIND_CLIENT,
    attributes: {
      [MESSAGING_SYSTEM_NAME]: system,
      [MESSAGING_DESTINATION_NAME]: lastPart(destination),
      [MESSAGING_OPERATION_NAME]: operation,
      [MESSAGING_OPERATION_TYPE]: type,
      [MESSAGING_BATCH_MESSAGE_COUNT]: Array.isArray(batch) ? batch.length : undefined,
      ...own,
    },
  };
};

/** The message with the context in its attributes, in place of that which it may hold of another span. */
function withAttributes(message: Shape, inject: (carrier: TextCarrier) => void): Shape {
  const MessageAttributes = { ...(message.MessageAttributes as Shape | undefined) };
  inject(messageAttributes(MessageAttributes));
  return { ...message, MessageAttributes };
}

/** What the service counts of a message: its body, and of each attribute name, type and value. */
function sizeOf({ MessageBody, Message = MessageBody, MessageAttributes = {} }: Shape): number {
  const attributes = Object.entries(MessageAttributes as Record<string, Shape>);
  const parts = attributes.flatMap(([name, attribute]) => Object.values(attribute).concat(name));
  return parts.reduce((sum: number, part) => sum + bytesIn(part), bytesIn(Message));
}

function totalOf(messages: readonly Shape[]): number {
  return messages.reduce((sum, message) => sum + sizeOf(message), 0);
}

/** What would outgrow a request is sent as it is, since the service would refuse it. */
const carry =
  (single: string, batch: string, entries: string, maxBytes: number): Carry =>
  ({ operation, input }, _fields, inject) => {
    if (operation !== single && operation !== batch) return undefined;
    const messages = operation === batch ? shapes(input[entries]) : [input];
    const carrying = messages.map((message) => withAttributes(message, inject));
    if (totalOf(carrying) > maxBytes) return undefined;
    return operation === batch ? { ...input, [entries]: carrying } : carrying[0];
  };

const result: Result = (_call, { MessageId, Messages }) => ({
  [MESSAGING_MESSAGE_ID]: typeof MessageId === "string" ? MessageId : undefined,
  ...(Array.isArray(Messages) && { [MESSAGING_BATCH_MESSAGE_COUNT]: Messages.length }),
});

export const SQS: AwsService = {
  span(call) {
    const { QueueUrl } = call.input;
    return describe(call, "aws.sqs", QueueUrl, { "aws.sqs.queue.url": QueueUrl });
  },
  result,
  carry: carry("SendMessage", "SendMessageBatch", "Entries", MAX_SQS_BYTES),
};

/** A message to a telephone number has no topic, and the number is told to nobody. */
export const SNS: AwsService = {
  span(call) {
    const topic = call.input.TopicArn ?? call.input.TargetArn;
    return describe(call, "aws.sns", topic, { "aws.sns.topic.arn": topic });
  },
  result,
  carry: carry("Publish", "PublishBatch", "PublishBatchRequestEntries", MAX_SNS_BYTES),
};
