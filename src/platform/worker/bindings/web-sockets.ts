/**
 * WebSockets that are accepted by `accept()`. The platform calls their listeners with nothing
 * active, so that each is stood in for by one that enters the context of the connection first.
 */
import type { BindingClasses } from "../../../config/instrument-options.js";
import { activeFrame, runInFrame } from "../../../trace/active.js";
import { KIND_CONSUMER } from "../../../trace/enums.js";
import { quietly } from "../../../trace/quietly.js";
import type { Frame, Scope } from "../../../trace/scope.js";
import { runSpan } from "../../../trace/span.js";
import type { Method } from "../replace-methods.js";
import {
  type SocketEnd,
  WEBSOCKET_CONNECT,
  WEBSOCKET_DISCONNECT,
  WEBSOCKET_MESSAGE,
  messageAttributes,
  recordEnd,
  tracesMessages,
  tracesSockets,
} from "../web-socket.js";

interface Connection {
  readonly frame: Frame;
  readonly scope: Scope;
  /** When it was accepted, in milliseconds since the epoch. */
  readonly since: number;
  /** The messages that have their span already, which another listener of theirs started. */
  readonly told: WeakSet<object>;
  hasEnded: boolean;
}

/** By the socket, for as long as that is there. */
const connections = new WeakMap<object, Connection>();

/** What stands in for a listener, the same wherever that is added, so that it can be removed. */
const standIns = new WeakMap<object, object>();

/**
 * WebSockets that are accepted by `accept()` as spans, and their listeners in the trace of the
 * request that accepted them: `instrument: { bindings: [webSockets] }`.
 */
export const webSockets: BindingClasses = {
  WebSocket: {
    accept: (original: Method): Method =>
      function (...args) {
        const scope = activeFrame()?.scope;
        const socket = this as WebSocket;
        if (!scope || !tracesSockets(scope.tracing) || connections.has(socket))
          return Reflect.apply(original, this, args);
        return runSpan(WEBSOCKET_CONNECT, {}, () => {
          const answer = Reflect.apply(original, this, args);
          quietly(() => watch(socket, scope));
          return answer;
        });
      },
  },
  EventTarget: {
    addEventListener: (original: Method): Method =>
      function (...args) {
        const [type, listener, ...options] = args;
        if (!(this instanceof WebSocket)) return Reflect.apply(original, this, args);
        return Reflect.apply(original, this, [type, standInFor(listener), ...options]);
      },
    removeEventListener: (original: Method): Method =>
      function (...args) {
        const [type, listener, ...options] = args;
        const standIn = standIns.get(listener as object);
        if (standIn) Reflect.apply(original, this, [type, standIn, ...options]);
        return Reflect.apply(original, this, args);
      },
  },
};

function watch(socket: WebSocket, scope: Scope): void {
  const frame = activeFrame();
  if (!frame) return;
  const since = Date.now();
  connections.set(socket, { frame, scope, since, told: new WeakSet(), hasEnded: false });
  for (const type of ["close", "error"]) socket.addEventListener(type, ended);
}

/** The first of a close and an error is the end. */
function ended(event: Event): void {
  quietly(() => {
    const connection = connections.get(event.currentTarget as object);
    if (!connection || connection.hasEnded) return;
    connection.hasEnded = true;
    const { code, wasClean, error } = event as Event & SocketEnd;
    const end = event.type === "error" ? { error } : { code, wasClean };
    runInFrame(connection.frame, () =>
      runSpan(WEBSOCKET_DISCONNECT, {}, (span) => recordEnd(span, end, connection.since)),
    );
  });
}

/** What is no listener is left for the platform to refuse. */
function standInFor(listener: unknown): unknown {
  const isFunction = typeof listener === "function";
  if (!isFunction && (typeof listener !== "object" || !listener)) return listener;
  const known = standIns.get(listener);
  if (known) return known;
  const standIn = isFunction ? calling(listener as Method) : handling(listener);
  standIns.set(listener, standIn);
  return standIn;
}

function calling(listener: Method): Method {
  return function (...args) {
    return inConnection(args[0] as MessageEvent, () => Reflect.apply(listener, this, args));
  };
}

interface Handler {
  handleEvent?: unknown;
}

/** The handler's method is read when the platform reads it. */
function handling(handler: Handler): Handler {
  const standIn: Handler = {
    get handleEvent() {
      const { handleEvent } = handler;
      if (typeof handleEvent !== "function") return handleEvent;
      return function (this: unknown, ...args: unknown[]): unknown {
        const receiver = this === standIn ? handler : this;
        return inConnection(args[0] as MessageEvent, () =>
          Reflect.apply(handleEvent, receiver, args),
        );
      };
    },
  };
  return standIn;
}

/**
 * Where something else is active, the application itself has dispatched the event. The close of
 * a connection that broke off is dispatched where `accept()` was called.
 */
function inConnection(event: MessageEvent, run: () => unknown): unknown {
  const connection = quietly(() => connections.get(event.currentTarget as object));
  const active = activeFrame();
  if (!connection || (active && active !== connection.frame)) return run();
  const { frame, scope, told } = connection;
  return runInFrame(frame, () => {
    if (event.type !== "message" || !tracesMessages(scope.tracing) || told.has(event)) return run();
    told.add(event);
    return runSpan(WEBSOCKET_MESSAGE, { kind: KIND_CONSUMER }, (span) => {
      if (span.isRecording()) quietly(() => span.setAttributes(messageAttributes(event.data)));
      return run();
    });
  });
}
