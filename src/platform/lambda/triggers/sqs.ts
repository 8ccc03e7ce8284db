/**
 * SQS, also with messages that came there from SNS, EventBridge or S3.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import { carrierOf } from "./carriers.js";
import { carrierInMessage, documentInMessage } from "./enclosed.js";
import type { RecordSource, Records } from "./record-source.js";

interface SqsRecord {
  messageId: string;
  body: string;
  attributes?: { AWSTraceHeader?: string };
  messageAttributes?: Record<string, { stringValue?: string }>;
}

export const sqs: RecordSource<Records<SqsRecord>, SqsRecord> = {
  system: "aws.sqs",
  id: ({ messageId }) => messageId,
  attributes: ({ body }) => documentInMessage(body),
  carrier: ({ messageAttributes, body }) =>
    // What another service put into the queue has none.
    Object.keys(messageAttributes ?? {}).length > 0
      ? carrierOf(messageAttributes, (it) => (it as { stringValue?: unknown }).stringValue)
      : carrierInMessage(body),
  xray: ({ attributes }) => attributes?.AWSTraceHeader,
};
