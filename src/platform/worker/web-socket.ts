/**
 * The spans of a WebSocket: their names and what they tell. There are no conventions of
 * OpenTelemetry's; of messages they tell what its Android instrumentation does. Neither a
 * message nor the reason of a close is recorded.
 */
import type { Attributes, Span } from "@opentelemetry/api";
import { recordFailure } from "../../trace/failure.js";
import type { Tracing } from "../../trace/tracing.js";

export const WEBSOCKET_CONNECT = "websocket.connect";
export const WEBSOCKET_MESSAGE = "websocket.message";
export const WEBSOCKET_DISCONNECT = "websocket.disconnect";

/** How a connection ended: by a close, or an error. */
export interface SocketEnd {
  readonly code?: number | undefined;
  readonly wasClean?: boolean | undefined;
  readonly error?: unknown;
}

export function tracesSockets(tracing: Tracing | undefined): boolean {
  return tracing?.webSockets !== false;
}

export function tracesMessages(tracing: Tracing | undefined): boolean {
  const chosen = tracing?.webSockets;
  return typeof chosen === "object" && chosen.messages === true;
}

/** The size is in bytes; text travels as UTF-8. */
export function messageAttributes(data: unknown): Attributes {
  const isText = typeof data === "string";
  const { byteLength, size } = (isText ? new TextEncoder().encode(data) : data) as {
    byteLength?: number;
    size?: number;
  };
  return {
    "websocket.message.type": isText ? "text" : "binary",
    "websocket.message.size": byteLength ?? size,
  };
}

/** Tells how a connection ended that was accepted at `since`, in milliseconds since the epoch. */
export function recordEnd(span: Span, end: SocketEnd, since: number | undefined): void {
  span.setAttributes({
    "websocket.close.code": end.code,
    "websocket.close.was_clean": end.wasClean,
    "websocket.connection.duration_ms": since ? Math.max(0, Date.now() - since) : undefined,
  });
  if ("error" in end) recordFailure(span, end.error);
}
