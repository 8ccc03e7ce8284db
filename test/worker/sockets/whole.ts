/**
 * A whole Worker for workerd itself, with Durable Objects whose sockets hibernate: bare,
 * instrumented, and one that its own timer keeps awake.
 */
import { DurableObject } from "cloudflare:workers";
import { webSockets } from "edgespan/bindings";
import { instrument, instrumentDurableObject } from "edgespan/worker";

export class BareRoom extends DurableObject {
  /** Lost when the object hibernates. */
  #heard = 0;

  override async fetch(): Promise<Response> {
    const { 0: webSocket, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket });
  }

  override async webSocketMessage(socket: WebSocket): Promise<void> {
    await this.ctx.storage.put("last", Date.now());
    socket.send(String(++this.#heard));
  }

  override async webSocketClose(): Promise<void> {}
}

export const Room = instrumentDurableObject(class Room extends BareRoom {}, {
  instrument: { websockets: { messages: true } },
});

export class AwakeRoom extends BareRoom {
  override async webSocketMessage(socket: WebSocket): Promise<void> {
    setTimeout(() => {}, 30_000);
    return super.webSocketMessage(socket);
  }
}

export default instrument(
  {
    fetch(
      request: Request,
      env: Record<string, DurableObjectNamespace>,
    ): Promise<Response> | Response {
      const rooms = env[new URL(request.url).pathname.slice(1)];
      if (rooms) return rooms.getByName("one").fetch(request);
      const { 0: webSocket, 1: server } = new WebSocketPair();
      server.accept();
      return new Response(null, { status: 101, webSocket });
    },
  },
  { instrument: { bindings: [webSockets] } },
);
