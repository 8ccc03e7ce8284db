/**
 * SNS, also with the notifications of S3.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
import { carrierOf } from "./carriers.js";
import { attributeValue, documentInMessage } from "./enclosed.js";
import { type RecordSource, type Records, resourceIn } from "./record-source.js";

interface SnsRecord {
  Sns: {
    MessageId: string;
    TopicArn: string;
    Message: string;
    MessageAttributes?: Record<string, { Value?: string }>;
  };
}

export const sns: RecordSource<Records<SnsRecord>, SnsRecord> = {
  system: "aws.sns",
  destination: ({ Sns }) => resourceIn(Sns.TopicArn),
  id: ({ Sns }) => Sns.MessageId,
  attributes: ({ Sns }) => documentInMessage(Sns.Message),
  carrier: ({ Sns }) => carrierOf(Sns.MessageAttributes, attributeValue),
};
