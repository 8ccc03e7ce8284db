/**
 * Transformations of Firehose; records carry no context.
 * @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
 */
import { type RecordSource, resourceIn } from "./record-source.js";

interface FirehoseRecord {
  recordId: string;
}

interface FirehoseResult {
  records: { recordId: string; result: string }[];
}

interface FirehoseEvent {
  deliveryStreamArn: string;
  records: readonly FirehoseRecord[];
}

export const firehose: RecordSource<FirehoseEvent, FirehoseRecord> = {
  system: "aws.firehose",
  records: ({ records }) => records,
  destination: (_, { deliveryStreamArn }) => resourceIn(deliveryStreamArn),
  id: ({ recordId }) => recordId,
  failed: ({ records }: FirehoseResult) =>
    records.filter(({ result }) => result === "ProcessingFailed").map(({ recordId }) => recordId),
};
