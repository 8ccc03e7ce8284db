/** The trigger of a `queue` handler: a batch of messages to process. */
import type { Link } from "@opentelemetry/api";
import { KIND_CONSUMER } from "../../../trace/enums.js";
import {
  FAAS_TRIGGER,
  MESSAGING_BATCH_MESSAGE_COUNT,
  MESSAGING_MESSAGE_ID,
} from "../../../trace/semconv.js";
import type { ExtractSpan } from "../../../trace/trigger.js";
import { messagingAttributes, messagingName } from "../messaging.js";
import {
  type KnownMessage,
  type MessageBatch,
  knownBatch,
  openBatch,
  outcomeOf,
} from "../queue-batch.js";
import type { WorkerTrigger } from "./worker-trigger.js";

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#consumer-spans */
export const queueTrigger: WorkerTrigger<MessageBatch> = {
  prepare(batch) {
    openBatch(batch);
    return true;
  },
  /**
   * By the conventions the span links to the context of each message, which may be its parent
   * as well. Of several messages none is more of a parent than the others; a batch of one
   * continues its message's trace, with its sampling decision and its baggage.
   */
  carrier(batch) {
    const [only, another] = knownBatch(batch)?.messages ?? [];
    return another ? undefined : only?.carrier;
  },
  root(batch, extract) {
    const { queue, messages } = knownBatch(batch) ?? batch;
    return {
      name: messagingName("process", queue),
      kind: KIND_CONSUMER,
      attributes: {
        [FAAS_TRIGGER]: "pubsub",
        ...messagingAttributes("process", queue),
        [MESSAGING_BATCH_MESSAGE_COUNT]: messages.length,
      },
      links: linksOf(knownBatch(batch)?.messages ?? [], extract),
    };
  },
  recorded(span, batch) {
    const known = knownBatch(batch);
    if (known) known.span = span;
  },
  settled(span, batch, failed) {
    const known = knownBatch(batch);
    if (!known) return;
    const { acked, retried, implicit } = outcomeOf(known, failed);
    span.setAttributes({
      "cloudflare.queue.acked_count": acked,
      "cloudflare.queue.retried_count": retried,
      "cloudflare.queue.implicit_count": implicit,
    });
  },
};

function linksOf(messages: readonly KnownMessage[], extract: ExtractSpan): Link[] {
  const links: Link[] = [];
  for (const { message, carrier } of messages) {
    const context = carrier && extract(carrier);
    if (context) links.push({ context, attributes: { [MESSAGING_MESSAGE_ID]: message.id } });
  }
  return links;
}
