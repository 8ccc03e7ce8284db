/**
 * Amazon MSK and self-managed Kafka.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 */
import {
  MESSAGING_DESTINATION_PARTITION_ID,
  MESSAGING_KAFKA_OFFSET,
} from "../../../trace/semconv.js";
import { carrierOf, bounded, textOfBytes } from "./carriers.js";
import { type RecordSource, grouped } from "./record-source.js";

interface KafkaRecord {
  topic: string;
  partition: number;
  offset: number;
  /** One object for each header: its name, and its value as bytes. */
  headers?: readonly Record<string, number[]>[];
}

/** How `batchItemFailures` names a record. */
interface ItemIdentifier {
  /** `{topic}-{number}`. */
  partition: string;
  offset: number;
}

interface KafkaEvent {
  /** By topic and partition. */
  records: Readonly<Record<string, readonly KafkaRecord[]>>;
}

export const kafka: RecordSource<KafkaEvent, KafkaRecord> = {
  system: "kafka",
  records: ({ records }) => grouped(records),
  destination: ({ topic }) => topic,
  // As Kafka's own tools write it.
  id: ({ topic, partition, offset }) => `${topic}-${partition}@${offset}`,
  named: ({ partition, offset }: ItemIdentifier) => partition && `${partition}@${offset}`,
  attributes: ({ partition, offset }) => ({
    [MESSAGING_DESTINATION_PARTITION_ID]: String(partition),
    [MESSAGING_KAFKA_OFFSET]: offset,
  }),
  carrier: ({ headers = [] }) => carrierOf(Object.assign({}, ...bounded(headers)), textOfBytes),
};
