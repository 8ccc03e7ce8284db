/** No fault of the tracing backend is ever the caller's. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, it, vi } from "vitest";
import { told } from "../get.ts";
import type { Stage } from "../stage.ts";

/** What a backend may do to a connection once a request has begun to arrive. */
const MISBEHAVIOURS: Record<string, (socket: Socket) => void> = {
  "answers 500": (socket) => socket.end("HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops"),
  "answers what is no HTTP": (socket) => socket.end("no such thing\r\n\r\n"),
  hangs: () => undefined,
  "hangs up": (socket) => socket.end(),
  resets: (socket) => socket.resetAndDestroy(),
  "sends headers and hangs": (socket) =>
    socket.write("HTTP/1.1 503 Busy\r\ncontent-length: 9\r\n\r\n"),
  drips: (socket) => {
    socket.write("HTTP/1.1 503 Busy\r\ncontent-length: 99999\r\n\r\n");
    const timer = setInterval(() => socket.write("."), 50);
    socket.on("close", () => clearInterval(timer));
  },
};

const PATHS = ["/json", "/throws"];
const OTLP_TIMEOUT_MS = 400;

export function survivesBackends(stage: Stage): void {
  const startWith = (endpoint: string): ReturnType<Stage["start"]> =>
    stage.start({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_TIMEOUT: String(OTLP_TIMEOUT_MS),
      },
    });

  it.concurrent.each([...Object.entries(MISBEHAVIOURS), ["refuses", undefined] as const])(
    "answers the same, and tells the operator, where the backend %s",
    async (name, misbehave) => {
      await using backend = await serve(misbehave);
      await using running = await startWith(backend.endpoint);
      for (const path of PATHS)
        expect(told(await running.get(path))).toEqual(told(await stage.bare.get(path)));
      // On Workers the spans of both requests leave together.
      const fate = name === "answers 500" ? "were not delivered to" : "wait for";
      const news = new RegExp(`edgespan: [12] spans ${fate} ${backend.endpoint}/v1/traces: `);
      await vi.waitFor(() => expect(running.app.output()).toMatch(news), 5_000);
    },
  );

  it("answers in time while the backend hangs", async () => {
    await using running = await stage.start();
    await running.trace("/text", 1);
    running.collector.answer(() => new Promise(() => {}));
    const response = await running.get("/json");
    expect(told(response)).toEqual(told(await stage.bare.get("/json")));
    expect(response.elapsedMs).toBeLessThan(stage.platform.answersWithinMs);
  });
}

/** Where nobody listens; a port that was closed could be another server's a moment later. */
const NOBODY = "http://127.0.0.1:2";

/** Serves raw connections, or nobody does. */
async function serve(
  misbehave: ((socket: Socket) => void) | undefined,
): Promise<AsyncDisposable & { endpoint: string }> {
  if (!misbehave) return { endpoint: NOBODY, async [Symbol.asyncDispose]() {} };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => misbehave(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { endpoint, [Symbol.asyncDispose]: close };
}
