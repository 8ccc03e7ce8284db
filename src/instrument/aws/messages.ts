/** SQS and SNS: what is sent carries context in message attributes, which receivers without edgespan may ignore. */
import type { Attributes, SpanKind } from "@opentelemetry/api";
import { KIND_CLIENT, KIND_PRODUCER } from "../../trace/enums.js";
import {
  MESSAGING_BATCH_MESSAGE_COUNT,
  MESSAGING_DESTINATION_NAME,
  MESSAGING_MESSAGE_ID,
  MESSAGING_OPERATION_NAME,
  MESSAGING_OPERATION_TYPE,
  MESSAGING_SYSTEM_NAME,
} from "../../trace/semconv.js";
import {
  type AwsCall,
  type AwsService,
  type Fields,
  type Shape,
  lastPart,
  shapes,
} from "./service.js";

type Carry = NonNullable<AwsService["carry"]>;
type Result = NonNullable<AwsService["result"]>;

/** A message has room for ten. */
const MAX_ATTRIBUTES = 10;

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

/** Adds as many of the fields as there is room for; `traceparent` comes first and alone suffices. */
function withAttributes(message: Shape, fields: Fields): Shape {
  const attributes = { ...(message.MessageAttributes as Shape | undefined) };
  for (const [name, value] of Object.entries(fields))
    if (!(name in attributes) && Object.keys(attributes).length < MAX_ATTRIBUTES)
      attributes[name] = { DataType: "String", StringValue: value };
  return { ...message, MessageAttributes: attributes };
}

const carry =
  (single: string, batch: string, entries: string): Carry =>
  ({ operation, input }, fields) => {
    if (operation === single) return withAttributes(input, fields);
    if (operation !== batch) return undefined;
    const messages = shapes(input[entries]).map((message) => withAttributes(message, fields));
    return { ...input, [entries]: messages };
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
  carry: carry("SendMessage", "SendMessageBatch", "Entries"),
};

/** A message to a telephone number has no topic, and the number is told to nobody. */
export const SNS: AwsService = {
  span(call) {
    const topic = call.input.TopicArn ?? call.input.TargetArn;
    return describe(call, "aws.sns", topic, { "aws.sns.topic.arn": topic });
  },
  result,
  carry: carry("Publish", "PublishBatch", "PublishBatchRequestEntries"),
};
