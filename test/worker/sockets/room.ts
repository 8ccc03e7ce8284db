/** A Durable Object whose sockets hibernate, bare and instrumented, with and without messages. */
import { DurableObject } from "cloudflare:workers";
import { context, propagation } from "@opentelemetry/api";
import { type Options, span } from "edgespan";
import { createCollector } from "edgespan/testing";
import { webSockets } from "edgespan/bindings";
import { instrumentDurableObject } from "edgespan/worker";
import { exporterOf, thrownBy } from "../invoke.ts";

export const collector = createCollector();

/** What a room sends back for each message. */
export interface Heard {
  /** How many messages this instance has heard. */
  count: number;
  data: unknown;
  /** The tags of all sockets, as the constructor and as the handler saw them. */
  seen: string[][];
  tags: string[];
  attachment: unknown;
}

/** The ends of sockets, as the handlers were told of them. */
export const ends: unknown[][] = [];

export class PlainRoom extends DurableObject {
  #count = 0;
  readonly #seen: string[][];
  readonly #getTags: unknown;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#getTags = ctx.getTags;
    this.#seen = ctx.getWebSockets().map((socket) => ctx.getTags(socket));
  }

  /** Opens a socket with the tags of the query; `?as=it-is` hands on no list at all. */
  override async fetch(request: Request): Promise<Response> {
    const { client, server } = pair();
    const { searchParams } = new URL(request.url);
    if (searchParams.has("as")) this.ctx.acceptWebSocket(server);
    else this.ctx.acceptWebSocket(server, searchParams.getAll("tag"));
    if (searchParams.has("attach")) server.serializeAttachment(searchParams.get("attach"));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "sec-websocket-protocol": "chat" },
    });
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    this.#count++;
    if (data === "throw") throw new RangeError("not this");
    if (data === "close") return socket.close(4001, "enough");
    const heard: Heard = {
      count: this.#count,
      data: typeof data === "string" ? data : data.byteLength,
      seen: this.#seen,
      tags: this.ctx.getTags(socket),
      attachment: socket.deserializeAttachment(),
    };
    await this.answer(socket, heard);
  }

  /** A method that RPC reaches too. */
  async answer(socket: WebSocket, heard: Heard): Promise<void> {
    const guest = propagation.getBaggage(context.active())?.getEntry("guest")?.value;
    await span("room.hear", guest ? { guest } : {}, async () => socket.send(JSON.stringify(heard)));
  }

  override async webSocketClose(...[, ...end]: [WebSocket, ...unknown[]]): Promise<void> {
    ends.push(end);
  }

  override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
    ends.push([socket instanceof WebSocket, error]);
  }

  /** Whether the constructor saw the tags as every later call does. */
  sawTheSame(): boolean {
    return this.#getTags === this.ctx.getTags;
  }

  /** What becomes of each list of tags, in words that two isolates can compare. */
  async tagged(): Promise<unknown[]> {
    const { ctx } = this;
    const { acceptWebSocket } = ctx;
    const lists: unknown[] = [
      undefined,
      [],
      ["a"],
      ["a", "a", "b"],
      [1, null],
      Array.from({ length: 9 }, (_, index) => `tag-${index}`),
      Array.from({ length: 10 }, (_, index) => `tag-${index}`),
      Array.from({ length: 11 }, (_, index) => `tag-${index}`),
      ["x".repeat(256)],
      ["x".repeat(257)],
      [Symbol("tag")],
      "text",
      null,
      new Set(["a"]),
    ];
    const results = lists.map(async (tags) => {
      const { server } = pair();
      const failure = await thrownBy(() => Reflect.apply(acceptWebSocket, ctx, [server, tags]));
      return failure ? String(failure.thrown) : ctx.getTags(server);
    });
    return Promise.all(results);
  }

  /** How the methods behave when they are borrowed or called wrongly. */
  async borrowed(): Promise<unknown[]> {
    const { ctx } = this;
    const { acceptWebSocket, getTags } = ctx;
    const { client, server } = pair();
    const words = async (work: () => unknown): Promise<string> =>
      String((await thrownBy(work))?.thrown);
    return [
      await words(() => acceptWebSocket(server)),
      await words(() => getTags(server)),
      await words(() => ctx.getTags(client)),
      await words(() => Reflect.apply(getTags, ctx, [{}])),
      await words(() => Reflect.apply(acceptWebSocket, ctx, [])),
      ctx.acceptWebSocket.bind(ctx)(server, ["b"]),
      Reflect.apply(getTags, ctx, [server]),
      ctx.getWebSockets("b").length,
      ctx.getWebSockets().length,
      await words(() => ctx.acceptWebSocket(server)),
      await words(() => server.accept()),
      [acceptWebSocket.name, acceptWebSocket.length, getTags.name, getTags.length],
      Object.keys(ctx),
    ];
  }
}

function pair(): { client: WebSocket; server: WebSocket } {
  const { 0: client, 1: server } = new WebSocketPair();
  return { client, server };
}

const options: Options = { ...exporterOf(collector), flush: { windowMs: 0 } };

export const Room = instrumentDurableObject(PlainRoom, {
  ...options,
  instrument: { websockets: { messages: true } },
});

export const QuietRoom = instrumentDurableObject(class QuietRoom extends PlainRoom {}, options);

export const DeafRoom = instrumentDurableObject(class DeafRoom extends PlainRoom {}, {
  ...options,
  instrument: { websockets: false },
});

/** Accepts its sockets by `accept()`, which keeps it in memory. */
export const Booth = instrumentDurableObject(
  class Booth extends DurableObject {
    override async fetch(): Promise<Response> {
      const { client, server } = pair();
      server.accept();
      server.addEventListener("message", ({ data }) =>
        span("booth.hear", () => server.send(data as string)),
      );
      return new Response(null, { status: 101, webSocket: client });
    }
  },
  { ...options, instrument: { bindings: [webSockets], websockets: { messages: true } } },
);
