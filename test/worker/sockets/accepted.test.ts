import { env } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import type { InstrumentOptions } from "edgespan";
import { span } from "edgespan";
import { webSockets } from "edgespan/bindings";
import { type CollectedSpan, type Collector, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { afterEach, describe, expect, it, vi } from "vitest";
import { handlers } from "../deployed.ts";
import { exporterOf, thrownBy } from "../invoke.ts";
import { collector as booths } from "./room.ts";

const platform = (exports as unknown as { default: Fetcher }).default;

/** What a handler does with its end of the socket. */
type Serve = (server: WebSocket) => unknown;

interface Opened {
  readonly response: Response;
  readonly client: WebSocket;
  readonly collector: Collector;
}

const MESSAGES: InstrumentOptions = { bindings: [webSockets], websockets: { messages: true } };

/** Opens a socket to a Worker that the platform invokes; without options to a bare one. */
async function open(serve: Serve, options?: InstrumentOptions, flags = "01"): Promise<Opened> {
  const collector = createCollector();
  const handler = {
    async fetch(_request: Request, _env: unknown, _ctx: ExecutionContext): Promise<Response> {
      const { 0: webSocket, 1: server } = new WebSocketPair();
      await serve(server);
      return new Response(null, { status: 101, webSocket });
    },
  };
  const name = crypto.randomUUID();
  handlers.set(
    name,
    options ? instrument(handler, { ...exporterOf(collector), instrument: options }) : handler,
  );
  const traceparent = `00-${name.replaceAll("-", "")}-00f067aa0ba902b7-${flags}`;
  const headers = { upgrade: "websocket", "x-handler": name, traceparent };
  const response = await platform.fetch("http://worker.test/socket", { headers });
  const client = response.webSocket;
  if (!client) throw new Error("no socket came");
  client.accept();
  return { response, client, collector };
}

/** Answers each message with what it holds. */
const echo: Serve = (server) => {
  server.accept();
  server.addEventListener("message", ({ data }) => {
    span("echo", () => server.send(data as string));
  });
  server.addEventListener("close", () => span("clean up", () => server.close()));
};

async function answer(client: WebSocket, data: string | ArrayBuffer): Promise<unknown> {
  const answered = Promise.withResolvers<MessageEvent>();
  client.addEventListener("message", answered.resolve, { once: true });
  client.send(data);
  return (await answered.promise).data;
}

async function spansOnce(collector: Collector, count: number): Promise<CollectedSpan[]> {
  await collector.waitForSpans(count);
  return collector.spans();
}

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan[] =>
  spans.filter((one) => one.name === name);

/** What a handler sees of its socket and of listeners of every sort, as lines. */
function observing(seen: unknown[]): Serve {
  return async (server) => {
    const note =
      (name: string) =>
      (event: Event): void => {
        const { data, code, reason, wasClean } = event as MessageEvent & CloseEvent;
        seen.push([name, event.type, event.constructor.name, data, code, reason, wasClean]);
      };
    const heard = note("twice added");
    const removed = note("removed");
    const object = {
      handleEvent(this: unknown, event: Event): void {
        seen.push(["object", this === object, this === server, event.currentTarget === server]);
      },
    };
    function own(this: unknown, ...args: unknown[]): void {
      seen.push(["function", this === server, args.length]);
    }
    server.addEventListener("message", note("before accept"));
    seen.push(server.accept(), server.addEventListener("message", heard));
    server.addEventListener("message", heard);
    server.addEventListener("message", removed);
    seen.push(server.removeEventListener("message", removed));
    server.addEventListener("message", object);
    server.addEventListener("message", own);
    server.addEventListener("message", note("once"), { once: true });
    const aborted = new AbortController();
    server.addEventListener("message", note("aborted"), { signal: aborted.signal });
    aborted.abort();
    EventTarget.prototype.addEventListener.call(server, "message", removed);
    EventTarget.prototype.removeEventListener.call(server, "message", removed);
    server.addEventListener("message", ({ data }) => server.send(data as string));
    server.addEventListener("close", note("close"));
    server.addEventListener("error", note("error"));
    for (const wrong of [undefined, null, 5, {}, "text"])
      seen.push(
        String((await thrownBy(() => server.addEventListener("message", wrong as never)))?.thrown),
        String(
          (await thrownBy(() => server.removeEventListener("message", wrong as never)))?.thrown,
        ),
      );
    const { accept } = server;
    seen.push(
      String((await thrownBy(() => accept()))?.thrown),
      String((await thrownBy(() => Reflect.apply(accept, {}, [])))?.thrown),
      String((await thrownBy(() => server.accept()))?.thrown),
      [accept.name, accept.length],
      [server.addEventListener.name, server.addEventListener.length],
      Object.getOwnPropertyNames(WebSocket.prototype),
      Object.getOwnPropertyNames(EventTarget.prototype),
    );
    const plain = new EventTarget();
    plain.addEventListener("message", removed);
    plain.dispatchEvent(new Event("message"));
    plain.removeEventListener("message", removed);
    plain.dispatchEvent(new Event("message"));
  };
}

async function observed(options?: InstrumentOptions): Promise<unknown[]> {
  const seen: unknown[] = [];
  const { client } = await open(observing(seen), options);
  await answer(client, "one");
  await answer(client, "two");
  client.close(4000, "bye");
  await vi.waitUntil(() => seen.some((line) => (line as unknown[])?.[0] === "close"));
  return seen;
}

/** Before anything is instrumented. */
const bare = await observed();

describe("a socket that a Worker accepted", () => {
  const opened: Opened[] = [];
  const openOne = async (...args: Parameters<typeof open>): Promise<Opened> => {
    const one = await open(...args);
    opened.push(one);
    return one;
  };
  afterEach(() => {
    for (const { client } of opened.splice(0)) if (client.readyState === 1) client.close();
  });

  it("has a span below that of its upgrade, which ends with the response", async () => {
    const { collector } = await openOne(echo, { bindings: [webSockets] });
    const [upgrade, connect] = await spansOnce(collector, 2);
    expect(upgrade).toMatchObject({
      name: "GET",
      kind: "SERVER",
      attributes: { "http.response.status_code": 101 },
      status: { code: "UNSET" },
    });
    expect(connect).toMatchObject({
      name: "websocket.connect",
      kind: "INTERNAL",
      traceId: upgrade?.traceId,
      parentSpanId: upgrade?.spanId,
      attributes: {},
    });
  });

  it("has a span for each message where they are asked for, around its listener", async () => {
    const { client, collector } = await openOne(echo, MESSAGES);
    expect(await answer(client, "grüß dich")).toBe("grüß dich");
    await answer(client, new Uint8Array([1, 2, 3]).buffer);
    const spans = await spansOnce(collector, 6);
    const [connect] = named(spans, "websocket.connect");
    const messages = named(spans, "websocket.message");
    const message = { kind: "CONSUMER", traceId: connect?.traceId, parentSpanId: connect?.spanId };
    expect(messages).toMatchObject([message, message]);
    expect(messages.map(({ attributes }) => attributes)).toEqual([
      { "websocket.message.type": "text", "websocket.message.size": 11 },
      { "websocket.message.type": "binary", "websocket.message.size": 3 },
    ]);
    expect(named(spans, "echo").map(({ parentSpanId }) => parentSpanId)).toEqual(
      messages.map(({ spanId }) => spanId),
    );
  });

  it("has one span for a message that several listeners hear", async () => {
    const { client, collector } = await openOne((server) => {
      server.addEventListener("message", () => span("first", () => {}));
      echo(server);
    }, MESSAGES);
    await answer(client, "hello");
    const spans = await spansOnce(collector, 5);
    expect(named(spans, "websocket.message")).toHaveLength(1);
  });

  it("has a span for its end, with code, cleanness and the duration of the connection", async () => {
    const { client, collector } = await openOne(echo, { bindings: [webSockets] });
    client.close(4000, "bye");
    const spans = await spansOnce(collector, 4);
    const [connect] = named(spans, "websocket.connect");
    const ofConnection = { traceId: connect?.traceId, parentSpanId: connect?.spanId };
    const [disconnect] = named(spans, "websocket.disconnect");
    expect(disconnect).toMatchObject({ kind: "INTERNAL", ...ofConnection });
    expect(disconnect?.attributes).toEqual({
      "websocket.close.code": 4000,
      "websocket.close.was_clean": true,
      "websocket.connection.duration_ms": expect.any(Number),
    });
    expect(named(spans, "clean up")).toMatchObject([ofConnection]);
  });

  it("has one end, with the error that it failed of, also where a close follows", async () => {
    const { client, collector } = await openOne(
      (server) => {
        echo(server);
        // The platform's own cannot be provoked from here; a listener cannot tell it from this.
        server.dispatchEvent(new ErrorEvent("error", { error: new RangeError("too long") }));
      },
      { bindings: [webSockets] },
    );
    client.close(4000);
    const spans = await spansOnce(collector, 4);
    const [connect] = named(spans, "websocket.connect");
    expect(named(spans, "clean up")).toHaveLength(1);
    expect(named(spans, "websocket.disconnect")).toMatchObject([
      {
        parentSpanId: connect?.spanId,
        attributes: { "error.type": "RangeError" },
        status: { code: "ERROR", message: "too long" },
        events: [{ name: "exception" }],
      },
    ]);
  });

  it("runs its listeners in its trace, and without spans for messages unless they are asked for", async () => {
    const { client, collector } = await openOne(echo, { bindings: [webSockets] });
    await answer(client, "hello");
    const spans = await spansOnce(collector, 3);
    const [connect] = named(spans, "websocket.connect");
    expect(named(spans, "echo")).toMatchObject([{ parentSpanId: connect?.spanId }]);
    expect(named(spans, "websocket.message")).toEqual([]);
  });

  it("has the error of a listener on the span of its message", async () => {
    const { client, collector } = await openOne((server) => {
      server.accept();
      server.addEventListener("message", () => {
        server.send("heard");
        throw new RangeError("not this");
      });
    }, MESSAGES);
    await answer(client, "hello");
    const spans = await spansOnce(collector, 3);
    expect(named(spans, "websocket.message")).toMatchObject([
      {
        attributes: { "error.type": "RangeError" },
        status: { code: "ERROR", message: "not this" },
      },
    ]);
  });

  it("is traced in a Durable Object as well", async () => {
    const { BOOTHS } = env as unknown as { BOOTHS: DurableObjectNamespace };
    const booth = BOOTHS.get(BOOTHS.newUniqueId());
    const response = await booth.fetch("http://booth/", { headers: { upgrade: "websocket" } });
    const client = response.webSocket as WebSocket;
    client.accept();
    await answer(client, "hello");
    client.close(4000);
    const spans = await spansOnce(booths, 5);
    const [connect] = named(spans, "websocket.connect");
    const below = spans.filter(({ parentSpanId }) => parentSpanId === connect?.spanId);
    expect(below.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "websocket.message CONSUMER",
      "websocket.disconnect INTERNAL",
    ]);
  });

  it.each([
    ["where its upgrade was not sampled", MESSAGES, "00", []],
    ["where websockets are switched off", { ...MESSAGES, websockets: false }, "01", ["GET"]],
  ] as const)("records nothing %s", async (_where, options, flags, expected) => {
    const { client, collector } = await openOne(echo, options, flags);
    await answer(client, "hello");
    client.close(1000);
    // What is sent later arrives later.
    const later = await openOne(echo, MESSAGES);
    await spansOnce(later.collector, 2);
    expect(collector.spans().map(({ name }) => name)).toEqual(expected);
  });

  it("is seen by its application as before, with all its listeners and their order", async () => {
    expect(await observed(MESSAGES)).toEqual(bare);
    // By now the prototypes are instrumented, so that these are listeners of an untraced socket.
    expect(await observed()).toEqual(bare);
  });
});
