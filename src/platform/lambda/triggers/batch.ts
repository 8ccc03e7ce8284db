/** An event of records: one span for all of them, which links to where each came from. */
import type { Attributes, Link } from "@opentelemetry/api";
import { KIND_CONSUMER } from "../../../trace/enums.js";
import { quietly } from "../../../trace/quietly.js";
import {
  FAAS_DOCUMENT_COLLECTION,
  FAAS_TRIGGER,
  MESSAGING_BATCH_MESSAGE_COUNT,
  MESSAGING_MESSAGE_ID,
} from "../../../trace/semconv.js";
import type { ExtractSpan } from "../../../trace/trigger.js";
import { knowBatch, markFailed } from "../record-outcomes.js";
import { xrayCarrier } from "../x-ray.js";
import { invoked } from "./invoked.js";
import type { Recognised } from "./lambda-trigger.js";
import { messagingAttributes, processName } from "./messaging.js";
import { type AnySource, type Records, resourceIn } from "./record-source.js";

/** As many as a span keeps by default; of a batch of thousands no more records are looked at. */
const MAX_LINKS = 128;

/** The trigger of an event that `source` recognises. */
export function batchOf(source: AnySource, event: unknown): Recognised {
  const { Records } = event as Partial<Records<unknown>>;
  const records = listOf(source.records ? source.records(event as never) : Records);
  // A batch of one continues its record's trace; of several none is more of a parent than the
  // others, and all are links.
  const only = (records.length === 1 ? records[0] : undefined) as never;
  return {
    carrier: () => only && source.carrier?.(only),
    xray: () => only && source.xray?.(only),
    root(_, extract) {
      const { name, attributes } = describe(source, records[0], event, records.length > 1);
      const links = records.slice(0, MAX_LINKS).flatMap((it) => linkOf(source, it, extract));
      if (!source.system) return { ...invoked(attributes, "datasource"), links };
      attributes[FAAS_TRIGGER] = "pubsub";
      attributes[MESSAGING_BATCH_MESSAGE_COUNT] = records.length;
      return { name, kind: KIND_CONSUMER, attributes, links };
    },
    recorded(span) {
      knowBatch(span, { source, event, spans: new Map() });
    },
    result(span, result) {
      const { batchItemFailures } = (result ?? {}) as { batchItemFailures?: unknown };
      const named = (failure: unknown): unknown =>
        quietly(() => {
          const { itemIdentifier } = failure as { itemIdentifier?: unknown };
          return source.named ? source.named(itemIdentifier as never) : itemIdentifier;
        });
      markFailed(span, source.failed?.(result as never) ?? listOf(batchItemFailures).map(named));
    },
  };
}

/** The name and the attributes of a span about a record, or about several. */
export function describe(
  source: AnySource,
  record: unknown,
  event: unknown,
  isOneOfSeveral = false,
): { name: string; attributes: Attributes } {
  const one = record as never;
  const destination: unknown = quietly(() =>
    source.destination
      ? source.destination(one, event as never)
      : resourceIn((record as { eventSourceARN?: unknown }).eventSourceARN),
  );
  const id = isOneOfSeveral ? undefined : idOf(source, record);
  const attributes = source.system
    ? messagingAttributes(source.system, destination, id)
    : { [FAAS_DOCUMENT_COLLECTION]: destination as string };
  if (!isOneOfSeveral)
    Object.assign(
      attributes,
      quietly(() => source.attributes?.(one)),
    );
  return { name: processName(destination), attributes };
}

/** A link to where the record came from; none where it does not tell. */
export function linkOf(source: AnySource, record: unknown, extract: ExtractSpan): Link[] {
  const one = record as never;
  const context = [() => source.carrier?.(one), () => xrayCarrier(source.xray?.(one))]
    .map((read) => quietly(read))
    .map((carrier) => carrier && extract(carrier))
    .find(Boolean);
  return context ? [{ context, attributes: { [MESSAGING_MESSAGE_ID]: idOf(source, record) } }] : [];
}

export function idOf(source: AnySource, record: unknown): string | undefined {
  const id: unknown = quietly(() => source.id?.(record as never));
  return typeof id === "string" ? id : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
