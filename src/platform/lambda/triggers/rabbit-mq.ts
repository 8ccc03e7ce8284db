/**
 * Amazon MQ with RabbitMQ: context travels in the headers of a message.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
 */
import { carrierOf, textOfBytes } from "./carriers.js";
import { type RecordSource, grouped } from "./record-source.js";

interface RabbitMqMessage {
  basicProperties: { messageId?: string | null; headers?: Record<string, unknown> | null };
}

interface RabbitMqEvent {
  /** By queue and virtual host, as in `orders::/`. */
  rmqMessagesByQueue: Readonly<Record<string, readonly RabbitMqMessage[]>>;
}

export const rabbitMq: RecordSource<RabbitMqEvent, RabbitMqMessage> = {
  system: "rabbitmq",
  records: ({ rmqMessagesByQueue }) => grouped(rmqMessagesByQueue),
  destination: (_, { rmqMessagesByQueue }) => Object.keys(rmqMessagesByQueue)[0]?.split("::")[0],
  id: ({ basicProperties }) => basicProperties.messageId,
  carrier: ({ basicProperties: { headers } }) =>
    carrierOf(headers, (header) => textOfBytes((header as { bytes?: unknown }).bytes ?? header)),
};
