/**
 * A batch of messages as its consumer handles it: the context that messages carried, and what
 * was decided about each. Bodies in an envelope are opened before the handler sees them.
 */
import type { Span } from "@opentelemetry/api";
import { open } from "../../propagate/envelope.js";
import { quietly } from "../../trace/quietly.js";
import { MESSAGING_MESSAGE_ID } from "../../trace/semconv.js";
import type { Carrier } from "../../trace/trigger.js";
import { type Replacement, replaceMethods } from "./replace-methods.js";

/** The part of a `Message` of the platform's that is used here. */
export interface QueueMessage {
  readonly id: string;
  readonly body?: unknown;
  /** How many times it was delivered, this time included. */
  readonly attempts?: number;
}

/** The part of a `MessageBatch` that is used here. */
export interface MessageBatch {
  readonly queue: string;
  readonly messages: readonly QueueMessage[];
}

type Decision = "ack" | "retry";

export interface KnownBatch {
  readonly queue: string;
  readonly messages: KnownMessage[];
  decision?: Decision;
  /** The span that decisions are told on, while it is recorded. */
  span?: Span;
}

export interface KnownMessage {
  readonly batch: KnownBatch;
  /** Kept, as its own `body` stands on the object that the platform handed out. */
  readonly message: QueueMessage;
  readonly carrier: Carrier | undefined;
  decision?: Decision;
}

const batches = new WeakMap<object, KnownBatch>();
const messages = new WeakMap<object, KnownMessage>();

export function knownBatch(batch: object): KnownBatch | undefined {
  return batches.get(batch);
}

export function knownMessage(message: object): KnownMessage | undefined {
  return messages.get(message);
}

/** Opens the messages of a batch and sees what is decided about them; once for each batch. */
export function openBatch(batch: MessageBatch): void {
  if (batches.has(batch)) return;
  const known: KnownBatch = { queue: batch.queue, messages: [] };
  batches.set(batch, known);
  for (const message of batch.messages) {
    const one = messages.get(message) ?? {
      batch: known,
      message,
      carrier: quietly(() => openMessage(message)),
    };
    messages.set(message, one);
    known.messages.push(one);
  }
  replaceMethods(batch, BATCH_METHODS);
  replaceMethods(known.messages[0]?.message, MESSAGE_METHODS);
}

/**
 * Gives a message the body that was sent, and answers what the envelope carried beside it. In
 * workerd `body` is a property of each message that can be configured, and none of its class.
 */
function openMessage(message: QueueMessage): Carrier | undefined {
  const opened = open(message.body);
  if (!opened) return undefined;
  const { body: value } = opened;
  // What is not named here, such as whether it can be written to, stays as it was.
  Object.defineProperty(message, "body", { configurable: true, enumerable: true, value });
  return new Map(Object.entries(opened.fields));
}

const settling =
  (decision: Decision): Replacement =>
  (original) =>
    function (...args) {
      const result = Reflect.apply(original, this, args);
      quietly(() => decide(this as object, decision, args[0]));
      return result;
    };

const MESSAGE_METHODS: Readonly<Record<string, Replacement>> = {
  ack: settling("ack"),
  retry: settling("retry"),
};

const BATCH_METHODS: Readonly<Record<string, Replacement>> = {
  ackAll: settling("ack"),
  retryAll: settling("retry"),
};

/** Notes a decision as the platform does: the first one holds, and one about all those that follow. */
function decide(target: object, decision: Decision, options: unknown): void {
  const one = messages.get(target);
  const batch = one?.batch ?? batches.get(target);
  if (!batch) return;
  const decided = one ?? batch;
  for (const { decision: before = decision } of [batch, decided]) if (before !== decision) return;
  decided.decision = decision;
  if (decision === "retry")
    batch.span?.addEvent("cloudflare.queue.retry", {
      [MESSAGING_MESSAGE_ID]: one?.message.id,
      "cloudflare.queue.delay_seconds": (options as { delaySeconds?: number } | undefined)
        ?.delaySeconds,
    });
}

export interface Outcome {
  acked: number;
  retried: number;
  /** How many of both were decided by the end of the handler alone. */
  implicit: number;
}

/** What becomes of the messages: where nothing was decided, the handler's own end decides. */
export function outcomeOf(batch: KnownBatch, failed: boolean): Outcome {
  const outcome: Outcome = { acked: 0, retried: 0, implicit: 0 };
  for (const { decision = batch.decision } of batch.messages) {
    if (!decision) outcome.implicit++;
    const isRetried = decision ? decision === "retry" : failed;
    outcome[isRetried ? "retried" : "acked"]++;
  }
  return outcome;
}
