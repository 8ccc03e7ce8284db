/** `traceMessage()`: a span for one message of a batch. */
import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Link,
  type Span,
  trace,
} from "@opentelemetry/api";
import { extractContext } from "../../propagate/extract.js";
import { activeContext, activeFrame } from "../../trace/active.js";
import { spanOf } from "../../trace/context.js";
import { KIND_CONSUMER } from "../../trace/enums.js";
import { quietly } from "../../trace/quietly.js";
import { MESSAGING_MESSAGE_ID } from "../../trace/semconv.js";
import { endWith } from "../../trace/settle.js";
import { OWN } from "../../trace/start-span.js";
import { runWithSpan } from "../../trace/tracer.js";
import { messagingAttributes, messagingName } from "./messaging.js";
import { type QueueMessage, knownMessage } from "./queue-batch.js";

/**
 * Runs `fn` inside a `process` span of one message of a queue, and ends the span when `fn` is done.
 *
 * Where the message carried context (`instrument.queues.propagate` at its sender), the span
 * continues the sender's trace, with its sampling decision and its baggage, and links to the
 * sender's span and to the span of the batch. Without such context, or where the batch
 * continues that trace already, it is a child of the active span. What `fn` returns or throws
 * is returned or thrown unchanged; whether the message is acked or retried stays yours to say.
 * Outside of an instrumented invocation `fn` runs with a span that records nothing.
 *
 * @param message a message of the batch that the handler was given
 * @param fn the work; it receives the span
 */
export function traceMessage<T>(message: QueueMessage, fn: (active: Span) => T): T {
  if (typeof fn !== "function")
    throw new TypeError("traceMessage(message, fn) needs a function as its last argument");
  const { name, context, links, attributes } = quietly(() => describe(message)) ?? {
    name: "process",
    context: activeContext(),
  };
  const options = {
    kind: KIND_CONSUMER,
    ...(links && { links }),
    ...(attributes && { attributes }),
  };
  return runWithSpan(OWN, name, options, context, (active) => endWith(active, {}, fn));
}

interface Described {
  name: string;
  context: Context;
  links?: Link[];
  attributes?: Attributes;
}

function describe(message: QueueMessage): Described {
  const known = knownMessage(message);
  const queue = known?.batch.queue;
  return {
    name: messagingName("process", queue),
    attributes: {
      ...messagingAttributes("process", queue),
      [MESSAGING_MESSAGE_ID]: message.id,
      "cloudflare.queue.message.attempts": message.attempts,
    },
    ...relate(message, known?.carrier),
  };
}

/** The context in which a message is processed, and what it is linked to. */
function relate(
  message: QueueMessage,
  carrier: NonNullable<ReturnType<typeof knownMessage>>["carrier"],
): Pick<Described, "context" | "links"> {
  const active = activeContext();
  const tracing = activeFrame()?.scope?.tracing;
  if (!carrier || !tracing) return { context: active };
  const context = extractContext(tracing.propagator, carrier, active);
  const sender = spanOf(context)?.spanContext();
  const around = spanOf(active);
  const isCarried = sender && sender.spanId !== around?.spanContext().spanId;
  if (!tracing.trusts(message)) {
    // Of its `tracestate` and baggage, which anybody may have written, nothing is kept.
    const { traceState: _, ...linked } = sender ?? INVALID_SPAN_CONTEXT;
    return { context: active, links: isCarried ? [{ context: linked }] : [] };
  }
  if (!isCarried || !around) return { context };
  if (sender.traceId === around.spanContext().traceId)
    return { context: trace.setSpan(context, around), links: [{ context: sender }] };
  return { context, links: [{ context: sender }, { context: around.spanContext() }] };
}
