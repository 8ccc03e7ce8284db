/**
 * Notifications of S3.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html
 */
import { FAAS_DOCUMENT_COLLECTION, FAAS_DOCUMENT_NAME } from "../../../trace/semconv.js";
import { changeOf } from "./change.js";
import type { RecordSource, Records } from "./record-source.js";

export interface S3Record {
  eventName: string;
  eventTime: string;
  s3: { bucket: { name: string }; object: { key: string } };
}

export const s3: RecordSource<Records<S3Record>, S3Record> = {
  destination: (record) => record.s3.bucket.name,
  id: (record) => record.s3.object.key,
  attributes: (record) => ({
    ...changeOf(record.eventName, record.eventTime),
    [FAAS_DOCUMENT_COLLECTION]: record.s3.bucket.name,
    [FAAS_DOCUMENT_NAME]: record.s3.object.key,
  }),
};
