/**
 * Streams of DynamoDB tables; items carry no context.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
import { changeOf } from "./change.js";
import type { RecordSource, Records } from "./record-source.js";

interface DynamoDbRecord {
  eventName: string;
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime?: number };
}

export const dynamodb: RecordSource<Records<DynamoDbRecord>, DynamoDbRecord> = {
  id: (record) => record.dynamodb.SequenceNumber,
  attributes({ eventName, dynamodb: { ApproximateCreationDateTime: seconds } }) {
    return changeOf(eventName, seconds ? new Date(seconds * 1000).toISOString() : undefined);
  },
};
