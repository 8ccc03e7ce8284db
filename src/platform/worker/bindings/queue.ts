/** Queues, the sender's end: a span for each call, and its context in the messages where asked for. */
import { type Fields, seal } from "../../../propagate/envelope.js";
import { KIND_PRODUCER } from "../../../trace/enums.js";
import { quietly } from "../../../trace/quietly.js";
import { MESSAGING_BATCH_MESSAGE_COUNT } from "../../../trace/semconv.js";
import { messagingAttributes, messagingName } from "../messaging.js";
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { fieldsFor } from "./envelope-fields.js";
import { type CallSpan, traced } from "./traced.js";

/** A message of `sendBatch`; `send` takes the body by itself and the rest as options. */
interface Sent {
  readonly body?: unknown;
  readonly contentType?: unknown;
  readonly delaySeconds?: unknown;
}

/** The content types that keep an object; the default is one of them, whichever it is. */
const KEEPS_OBJECTS = /^(json|v8)$/i;

export const QUEUE: Readonly<Record<string, Replacement>> = {
  send: traced(({ binding, args }) => {
    const [body, options] = args as [unknown, Sent | undefined];
    const size =
      options?.contentType === "bytes" && ArrayBuffer.isView(body) ? body.byteLength : undefined;
    return sendSpan(binding, { "messaging.message.body.size": size }, (fields) => {
      const sealed = sealedBody(fields, body, options?.contentType);
      return sealed ? [sealed, ...args.slice(1)] : args;
    });
  }, true),
  sendBatch: traced(({ binding, args }) => {
    const [messages] = args as [Iterable<Sent> & { length?: number; size?: number }];
    const count = messages.length ?? messages.size;
    return sendSpan(binding, { [MESSAGING_BATCH_MESSAGE_COUNT]: count }, (fields) =>
      typeof messages === "object" && typeof messages[Symbol.iterator] === "function"
        ? [sealedMessages(fields, messages), ...args.slice(1)]
        : args,
    );
  }, true),
};

function sendSpan(
  binding: string | undefined,
  attributes: Record<string, number | undefined>,
  withFields: (fields: Fields) => readonly unknown[],
): CallSpan {
  return {
    name: messagingName("send", binding),
    kind: KIND_PRODUCER,
    attributes: {
      ...bindingAttributes(binding, "Queue"),
      ...messagingAttributes("send", binding),
      ...attributes,
    },
    argsWith(context, tracing) {
      const fields = fieldsFor(binding, context, tracing);
      return fields && withFields(fields);
    },
  };
}

/** Nothing for a body that the platform refuses by itself, so that its error stays what it is. */
function sealedBody(fields: Fields, body: unknown, contentType: unknown): object | undefined {
  if (body === undefined || typeof body === "function" || typeof body === "symbol")
    return undefined;
  const keepsObjects =
    contentType === undefined ||
    (typeof contentType === "string" && KEEPS_OBJECTS.test(contentType));
  return keepsObjects ? seal(fields, body) : undefined;
}

/** Seals each message when the platform takes it, as an iterable may be read only once. */
function* sealedMessages(fields: Fields, messages: Iterable<Sent>): Generator {
  for (const message of messages) yield quietly(() => sealedMessage(fields, message)) ?? message;
}

function sealedMessage(fields: Fields, message: Sent): Sent | undefined {
  // By name, for an object of the application's own class may have them as getters.
  const { contentType, delaySeconds } = message;
  const body = sealedBody(fields, message.body, contentType);
  return body && { ...message, contentType, delaySeconds, body };
}
