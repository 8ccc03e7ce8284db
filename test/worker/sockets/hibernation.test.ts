import { env, evictDurableObject, runInDurableObject } from "cloudflare:test";
import type { CollectedSpan } from "edgespan/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Heard, type PlainRoom, collector, ends } from "./room.ts";

type Rooms = DurableObjectNamespace<PlainRoom>;
type Room = DurableObjectStub<PlainRoom>;

const { ROOMS, QUIET_ROOMS, DEAF_ROOMS, BARE_ROOMS } = env as unknown as Record<string, Rooms> &
  Record<"ROOMS" | "QUIET_ROOMS" | "DEAF_ROOMS" | "BARE_ROOMS", Rooms>;

const roomOf = (rooms: Rooms): Room => rooms.get(rooms.newUniqueId());

/** The trace of each test, so that what another one left open is not taken for its own. */
let traceId: string;

/** Opens a socket, within the trace of the test. */
async function open(room: Room, query = "", sampled = "01", baggage?: string): Promise<Opened> {
  const traceparent = `00-${traceId}-00f067aa0ba902b7-${sampled}`;
  const headers = { upgrade: "websocket", traceparent, ...(baggage && { baggage }) };
  const response = await room.fetch(`http://room/${query}`, { headers });
  const socket = response.webSocket;
  if (!socket) throw new Error("no socket came");
  socket.accept();
  return {
    response,
    socket,
    /** Sends a message and answers what comes back. */
    async say(data) {
      const answer = Promise.withResolvers<MessageEvent>();
      socket.addEventListener("message", answer.resolve, { once: true });
      socket.send(data);
      return JSON.parse((await answer.promise).data as string) as Heard;
    },
  };
}

interface Opened {
  response: Response;
  socket: WebSocket;
  say(data: string | ArrayBuffer): Promise<Heard>;
}

/** The spans of the test's trace, once there are so many. */
async function spansOnce(count: number): Promise<CollectedSpan[]> {
  const ofTrace = (): CollectedSpan[] =>
    collector.spans().filter((span) => span.traceId === traceId);
  return vi.waitUntil(() => (ofTrace().length >= count ? ofTrace() : undefined));
}

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan[] =>
  spans.filter((span) => span.name === name);

beforeEach(() => {
  traceId = crypto.randomUUID().replaceAll("-", "");
  collector.reset();
  ends.length = 0;
});

// First, while no instance was made in this isolate: one that wakes up in another is the first there.
it("the constructor of the first instance does not see the tags of hibernated sockets either", async () => {
  expect(await roomOf(ROOMS).sawTheSame()).toBe(true);
});

describe("a socket that a Durable Object accepted for hibernation", () => {
  it("has a span for its upgrade, and one below for the connection, when the response is there", async () => {
    await open(roomOf(QUIET_ROOMS));
    const [upgrade, connect] = await spansOnce(2);
    expect(upgrade).toMatchObject({
      name: "GET",
      kind: "SERVER",
      attributes: { "http.response.status_code": 101 },
      status: { code: "UNSET" },
    });
    expect(connect).toMatchObject({
      name: "websocket.connect",
      kind: "INTERNAL",
      parentSpanId: upgrade?.spanId,
      attributes: {},
      status: { code: "UNSET" },
    });
  });

  it("has a span for each message where they are asked for, with its type and size in bytes", async () => {
    const { say } = await open(roomOf(ROOMS));
    await say("grüß dich");
    await say(new Uint8Array([1, 2, 3]).buffer);
    const spans = await spansOnce(6);
    const [connect] = named(spans, "websocket.connect");
    const messages = named(spans, "websocket.message");
    const message = {
      kind: "CONSUMER",
      parentSpanId: connect?.spanId,
      status: { code: "UNSET" },
    };
    expect(messages).toMatchObject([message, message]);
    const told = {
      "faas.trigger": "other",
      "faas.coldstart": false,
      "cloudflare.entrypoint": "PlainRoom",
      "cloudflare.durable_object.id": expect.stringMatching(/^[\da-f]{64}$/),
    };
    expect(messages.map(({ attributes }) => attributes)).toEqual([
      { ...told, "websocket.message.type": "text", "websocket.message.size": 11 },
      { ...told, "websocket.message.type": "binary", "websocket.message.size": 3 },
    ]);
    expect(named(spans, "room.hear").map(({ parentSpanId }) => parentSpanId)).toEqual(
      messages.map(({ spanId }) => spanId),
    );
  });

  it("continues the trace of its upgrade after the object has hibernated", async () => {
    const room = roomOf(ROOMS);
    const { socket, say } = await open(room, "?tag=blue");
    expect((await say("before")).count).toBe(1);
    await evictDurableObject(room);
    expect(await say("after")).toEqual({
      count: 1,
      data: "after",
      seen: [["blue"]],
      tags: ["blue"],
      attachment: null,
    });
    socket.close(4000, "bye");
    const spans = await spansOnce(7);
    const [connect] = named(spans, "websocket.connect");
    const ofSocket = [
      ...named(spans, "websocket.message"),
      ...named(spans, "websocket.disconnect"),
    ];
    const of = connect?.spanId;
    expect(ofSocket.map(({ parentSpanId }) => parentSpanId)).toEqual([of, of, of]);
  });

  it.each([
    ["goes on", "guest=anna", { guest: "anna" }],
    ["is left out where it is too long for a tag", `guest=${"anna".repeat(60)}`, {}],
  ])("keeps its trace while it hibernates, and baggage %s", async (_what, baggage, expected) => {
    const room = roomOf(ROOMS);
    const { say } = await open(room, "", "01", baggage);
    await evictDurableObject(room);
    await say("hello");
    const [hear] = named(await spansOnce(4), "room.hear");
    expect(hear?.attributes).toEqual(expected);
  });

  it("has a span for its end, with code, cleanness and the duration of the connection", async () => {
    const { socket } = await open(roomOf(QUIET_ROOMS));
    socket.close(4000, "bye");
    const spans = await spansOnce(3);
    const [connect] = named(spans, "websocket.connect");
    const [disconnect] = named(spans, "websocket.disconnect");
    expect(disconnect).toMatchObject({
      kind: "INTERNAL",
      parentSpanId: connect?.spanId,
      status: { code: "UNSET" },
    });
    expect(disconnect?.attributes).toEqual({
      "faas.trigger": "other",
      "faas.coldstart": false,
      "cloudflare.entrypoint": "QuietRoom",
      "cloudflare.durable_object.id": expect.any(String),
      "websocket.close.code": 4000,
      "websocket.close.was_clean": true,
      "websocket.connection.duration_ms": expect.any(Number),
    });
    expect(ends).toEqual([[4000, "bye", true]]);
  });

  it("has an end of its own code where the object closes it", async () => {
    const { socket } = await open(roomOf(QUIET_ROOMS));
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.send("close");
    expect(await closed).toMatchObject({ code: 4001, reason: "enough" });
    const spans = await spansOnce(3);
    expect(named(spans, "websocket.disconnect")[0]?.attributes).toMatchObject({
      "websocket.close.code": 4001,
    });
  });

  it("has an end with the error that the connection failed of", async () => {
    const room = roomOf(QUIET_ROOMS);
    await open(room);
    const error = new RangeError("too long a frame");
    await runInDurableObject(room, async (instance: PlainRoom, ctx) => {
      const [socket] = ctx.getWebSockets();
      // The platform's own call cannot be provoked from here; the handler cannot tell it from this.
      await instance.webSocketError(socket as WebSocket, error);
    });
    expect(ends).toEqual([[true, error]]);
    const spans = await spansOnce(3);
    expect(named(spans, "websocket.disconnect")).toMatchObject([
      {
        attributes: { "error.type": "RangeError" },
        status: { code: "ERROR", message: "too long a frame" },
        events: [{ name: "exception" }],
      },
    ]);
  });

  it("tells of a handler that throws, on the span of the message", async () => {
    const { socket, say } = await open(roomOf(ROOMS));
    socket.send("throw");
    await say("still there");
    const spans = await spansOnce(5);
    expect(named(spans, "websocket.message")[0]).toMatchObject({
      attributes: { "error.type": "RangeError" },
      status: { code: "ERROR", message: "not this" },
    });
  });

  it("records nothing of messages unless they are asked for", async () => {
    const { socket, say } = await open(roomOf(QUIET_ROOMS));
    await say("hello");
    socket.close(1000);
    const spans = await spansOnce(3);
    expect(spans.map(({ name }) => name)).toEqual([
      "GET",
      "websocket.connect",
      "websocket.disconnect",
    ]);
  });

  it.each([
    ["messages are not asked for", QUIET_ROOMS],
    ["websockets are switched off", DEAF_ROOMS],
  ])("takes no call that a handler makes of its own object for RPC where %s", async (_, rooms) => {
    const { say } = await open(roomOf(rooms));
    await say("hello");
    // What the message left would arrive before what the next request leaves.
    await open(roomOf(rooms));
    await vi.waitUntil(() => named(collector.spans(), "GET").length === 2);
    const names = new Set(collector.spans().map(({ name }) => name));
    expect([...names].filter((name) => name.includes("/"))).toEqual([]);
  });

  it("records nothing where the upgrade was not sampled, also after the object has hibernated", async () => {
    const room = roomOf(ROOMS);
    const unsampled = traceId;
    const { socket, say } = await open(room, "", "00");
    await say("before");
    await evictDurableObject(room);
    await say("after");
    socket.close(1000);
    await vi.waitUntil(() => ends.length > 0);
    // What is sent later arrives later.
    traceId = crypto.randomUUID().replaceAll("-", "");
    await open(roomOf(ROOMS));
    await spansOnce(2);
    expect(collector.spans().filter((span) => span.traceId === unsampled)).toEqual([]);
  });

  it("records the requests alone where websockets are switched off", async () => {
    const room = roomOf(DEAF_ROOMS);
    const { socket, say } = await open(room);
    await evictDurableObject(room);
    expect((await say("hello")).tags).toEqual([]);
    socket.close(1000);
    await vi.waitUntil(() => ends.length > 0);
    await open(room);
    expect((await spansOnce(2)).map(({ name }) => name)).toEqual(["GET", "GET"]);
  });

  it("begins traces of its own where the application gives as many tags as are allowed", async () => {
    const tags = Array.from({ length: 10 }, (_, index) => `t${index}`);
    const query = `?${tags.map((tag) => `tag=${tag}`).join("&")}`;
    const { say } = await open(roomOf(ROOMS), query);
    const text = "of its own".repeat(5);
    expect((await say(text)).tags).toEqual(tags);
    const message = await vi.waitUntil(() =>
      collector.spans().find((span) => span.attributes["websocket.message.size"] === text.length),
    );
    expect(message).toMatchObject({ parentSpanId: undefined, status: { code: "UNSET" } });
    expect(message.traceId).not.toBe(traceId);
  });
});

describe("an application does not see that its sockets are traced:", () => {
  it.each(["tagged", "borrowed"] as const)("%s", async (work) => {
    const expected = await roomOf(BARE_ROOMS)[work]();
    expect(await roomOf(ROOMS)[work]()).toEqual(expected);
  });

  it("its response has the same status, headers and socket", async () => {
    const bare = await open(roomOf(BARE_ROOMS));
    const { response, socket } = await open(roomOf(ROOMS));
    const shown = ({ status, statusText, headers, body }: Response): unknown[] => [
      status,
      statusText,
      [...headers],
      body,
    ];
    expect(shown(response)).toEqual(shown(bare.response));
    expect([socket.protocol, socket.extensions, socket.readyState]).toEqual([
      bare.socket.protocol,
      bare.socket.extensions,
      bare.socket.readyState,
    ]);
  });

  it.each(["", "?as=it-is", "?tag=a&tag=b&attach=mine"])(
    "its handler is told the same of a socket opened with %j, before and after it has hibernated",
    async (query) => {
      const told = async (rooms: Rooms): Promise<Heard[]> => {
        const room = roomOf(rooms);
        const { say } = await open(room, query);
        const before = [await say("one"), await say("two")];
        await evictDurableObject(room);
        return [...before, await say("three")];
      };
      const bare = await told(BARE_ROOMS);
      expect(await told(ROOMS)).toEqual(bare);
      expect(bare.map(({ count }) => count)).toEqual([1, 2, 1]);
    },
  );
});
