/** A source of records: what an event source that delivers batches tells of each record. */
import type { Attributes } from "@opentelemetry/api";
import type { Carrier } from "../../../trace/trigger.js";

/** Adding a source is one file, one test and one line. */
export interface RecordSource<E, R> {
  /** `messaging.system.name`; a source without one is a data source. */
  readonly system?: string;
  /** The records of the event, whatever else stands in their place; default `Records`. */
  records?(event: E): unknown;
  /** The queue, topic, stream, table or bucket of the record; default what `eventSourceARN` names. */
  destination?(record: R, event: E): unknown;
  /** What names the record in `batchItemFailures`. */
  id?(record: R): unknown;
  /** The same, where `batchItemFailures` has something else than a text. */
  named?(itemIdentifier: never): unknown;
  /** What a span tells of one record beside that. */
  attributes?(record: R): Attributes | undefined;
  carrier?(record: R): Carrier | undefined;
  /** The X-Ray header of the record. */
  xray?(record: R): unknown;
  /** The ids of records that the handler's result says have failed; by default `batchItemFailures`. */
  failed?(result: never): unknown[] | undefined;
}

/** A source whose events and records may be anything. */
export type AnySource = RecordSource<never, never>;

/** An event whose records are all of one kind. */
export interface Records<R> {
  Records: readonly R[];
}

/** The name in `arn:<partition>:<service>:<region>:<account>:[<type>/]<name>[/…]`. */
const RESOURCE = /^(?:[^:]*:){5}(?:[^/:]*\/)?([^/:]+)/;

/** The name of the resource that an ARN is of. */
export function resourceIn(arn: unknown): string | undefined {
  return typeof arn === "string" ? RESOURCE.exec(arn)?.[1] : undefined;
}

/** All records of an event that holds them in groups. */
export function grouped(groups: object): unknown[] {
  // Not flat(), which looks at each place of an array, be it empty.
  return ([] as unknown[]).concat(...Object.values(groups));
}
