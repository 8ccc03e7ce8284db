/**
 * Amazon MQ with ActiveMQ: context travels in the properties of a message.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
 */
import { carrierOf } from "./carriers.js";
import type { RecordSource } from "./record-source.js";

interface ActiveMqMessage {
  messageID: string;
  destination: { physicalName: string };
  properties?: Record<string, string>;
}

export const activeMq: RecordSource<{ messages: readonly ActiveMqMessage[] }, ActiveMqMessage> = {
  system: "activemq",
  records: ({ messages }) => messages,
  destination: ({ destination }) => destination.physicalName,
  id: ({ messageID }) => messageID,
  carrier: ({ properties }) => carrierOf(properties),
};
