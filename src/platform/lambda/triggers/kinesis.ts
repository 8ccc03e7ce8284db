/**
 * Kinesis data streams. A record is bytes and nothing else, so that context stands in its JSON.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
import { carrierWithin } from "./carriers.js";
import type { RecordSource, Records } from "./record-source.js";

interface KinesisRecord {
  kinesis: { sequenceNumber: string; data: string };
}

/** `traceparent` in base64, as it reads at each of the three places where it may begin. */
const TRACEPARENT = /dHJhY2VwYXJlbn|RyYWNlcGFyZW50|0cmFjZXBhcmVud/;

export const kinesis: RecordSource<Records<KinesisRecord>, KinesisRecord> = {
  system: "aws.kinesis",
  id: (record) => record.kinesis.sequenceNumber,
  carrier: ({ kinesis: { data } }) =>
    TRACEPARENT.test(data)
      ? carrierWithin(JSON.parse(Buffer.from(data, "base64").toString()))
      : undefined,
};
