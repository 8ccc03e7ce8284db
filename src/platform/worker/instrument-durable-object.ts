/** `instrumentDurableObject()`: requests, alarms, RPC methods, WebSockets and the storage of a Durable Object. */
import { CLOUDFLARE_ENTRYPOINT } from "../../trace/semconv.js";
import { instrumentStorage } from "./bindings/durable-object-storage.js";
import { keepConnections } from "./connection-tag.js";
import type { WorkerOptions } from "./create-runtimes.js";
import { type DurableObjectId, durableObjectAttributes } from "./durable-object-id.js";
import {
  type ClassKind,
  type EntrypointClass,
  type EnvOfClass,
  traceClass,
} from "./trace-class.js";
import { alarmTrigger } from "./triggers/alarm.js";
import { fetchTrigger } from "./triggers/fetch.js";
import { closeTrigger, messageTrigger } from "./triggers/web-socket.js";

const DURABLE_OBJECT: ClassKind = {
  caller: "instrumentDurableObject",
  handlers: {
    fetch: ({ args: [event] }) => ({ trigger: fetchTrigger, event }),
    alarm: ({ className, args: [info] }) => ({
      trigger: alarmTrigger,
      event: { className, info },
    }),
    webSocketMessage: ({ ctx, args: [socket, data] }) => ({
      trigger: messageTrigger,
      event: { ctx, socket, data },
    }),
    webSocketClose: ({ ctx, args: [socket, code, , wasClean] }) => ({
      trigger: closeTrigger,
      event: { ctx, socket, end: { code, wasClean } },
    }),
    webSocketError: ({ ctx, args: [socket, error] }) => ({
      trigger: closeTrigger,
      event: { ctx, socket, end: { error } },
    }),
    connect: undefined,
    dup: undefined,
  },
  attributesOf(className, ctx) {
    const { id } = ctx as { id?: DurableObjectId };
    return { [CLOUDFLARE_ENTRYPOINT]: className, ...durableObjectAttributes(id) };
  },
  onContext(ctx) {
    instrumentStorage(ctx);
    keepConnections(ctx);
  },
};

/**
 * Instruments the class of a Durable Object: each request, alarm and call of an RPC method
 * becomes a trace, or continues its caller's; in it each call of `ctx.storage` becomes a span.
 * What arrives on a WebSocket that `ctx.acceptWebSocket` took continues the trace of the request
 * that opened it, also after the object has hibernated.
 *
 * @param Class the class; what is answered inherits from it and is to be exported in its place
 * @param options options, or a function of `env` that returns them; default all from `OTEL_*` variables in `env`
 * @throws ConfigError at the first call, where wrong configuration is met outside of production
 */
export function instrumentDurableObject<Class extends EntrypointClass>(
  Class: Class,
  options?: WorkerOptions<EnvOfClass<Class>>,
): Class {
  return traceClass(Class, options, DURABLE_OBJECT);
}
