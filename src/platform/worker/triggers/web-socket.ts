/**
 * The triggers of what arrives on a WebSocket that a Durable Object accepted for hibernation:
 * each is an invocation of its own, and part of the trace of the request that opened the socket.
 */
import { KIND_CONSUMER, KIND_INTERNAL } from "../../../trace/enums.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import { connectionOf } from "../connection-tag.js";
import {
  type SocketEnd,
  WEBSOCKET_DISCONNECT,
  WEBSOCKET_MESSAGE,
  messageAttributes,
  recordEnd,
  tracesMessages,
  tracesSockets,
} from "../web-socket.js";
import type { WorkerTrigger } from "./worker-trigger.js";

interface SocketEvent {
  /** The context of the Durable Object. */
  readonly ctx: object;
  readonly socket: unknown;
}

interface SocketMessage extends SocketEvent {
  readonly data: unknown;
}

interface SocketClosed extends SocketEvent {
  readonly end: SocketEnd;
}

export const messageTrigger: WorkerTrigger<SocketMessage> = {
  prepare(_event, tracing) {
    return tracesMessages(tracing);
  },
  isOwnContext: true,
  carrier({ ctx, socket }) {
    return connectionOf(ctx, socket);
  },
  root() {
    return {
      name: WEBSOCKET_MESSAGE,
      kind: KIND_CONSUMER,
      attributes: { [FAAS_TRIGGER]: "other" },
    };
  },
  recorded(span, { data }) {
    span.setAttributes(messageAttributes(data));
  },
};

export const closeTrigger: WorkerTrigger<SocketClosed> = {
  prepare(_event, tracing) {
    return tracesSockets(tracing);
  },
  isOwnContext: true,
  carrier({ ctx, socket }) {
    return connectionOf(ctx, socket);
  },
  root() {
    return {
      name: WEBSOCKET_DISCONNECT,
      kind: KIND_INTERNAL,
      attributes: { [FAAS_TRIGGER]: "other" },
    };
  },
  recorded(span, { ctx, socket, end }) {
    recordEnd(span, end, connectionOf(ctx, socket)?.since);
  },
};
