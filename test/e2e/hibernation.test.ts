/** That an instrumented Durable Object hibernates when a bare one does, in workerd and in real time. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createCollector, serveCollector } from "edgespan/testing";
import { expect, test, vi } from "vitest";
import { createTestHarness } from "wrangler";

// wrangler would print every request.
process.env["WRANGLER_LOG"] = "none";

/** workerd lets an object hibernate after 10 s in which nothing keeps it. */
const IDLE_MS = 11_500;
const OBJECTS = { BARE: "BareRoom", TRACED: "Room", AWAKE: "AwakeRoom" };

test("an instrumented object hibernates when a bare one does, and wakes up in the same trace", async () => {
  const collector = createCollector();
  await using served = await serveCollector(collector);
  const harness = createTestHarness({
    workers: [
      {
        config: {
          name: "rooms",
          main: `${import.meta.dirname}/../worker/sockets/whole.ts`,
          compatibility_date: "2026-10-01",
          compatibility_flags: ["nodejs_compat"],
          vars: { OTEL_EXPORTER_OTLP_ENDPOINT: served.endpoint },
          durable_objects: {
            bindings: Object.entries(OBJECTS).map(([name, class_name]) => ({ name, class_name })),
          },
          migrations: [{ tag: "v1", new_sqlite_classes: Object.values(OBJECTS) }],
        },
      },
    ],
  });
  try {
    const { url } = await harness.listen();
    const sockets = await Promise.all(Object.keys(OBJECTS).map((name) => open(url, name)));
    const say = (): Promise<string[]> => Promise.all(sockets.map(answer));
    expect([await say(), await say()]).toEqual([
      ["1", "1", "1"],
      ["2", "2", "2"],
    ]);
    await sleep(IDLE_MS);
    // What was counted in memory is lost, save where the application's own timer kept it.
    expect(await say()).toEqual(["1", "1", "3"]);
    for (const socket of sockets) socket.close(4000);

    const ofSocket = await vi.waitUntil(() => {
      const connect = collector.spans().find(({ name }) => name === "websocket.connect");
      const below = collector
        .spans()
        .filter(({ parentSpanId }) => parentSpanId === connect?.spanId);
      return below.length === 4 ? below : undefined;
    });
    expect(new Set(ofSocket.map(({ traceId }) => traceId)).size).toBe(1);
    expect(ofSocket.map(({ name }) => name)).toEqual([
      ...Array.from({ length: 3 }, () => "websocket.message"),
      "websocket.disconnect",
    ]);
    const lasted = ofSocket.at(-1)?.attributes["websocket.connection.duration_ms"];
    expect(lasted).toBeGreaterThan(IDLE_MS);
  } finally {
    await harness.close();
  }
});

async function open(url: URL, name: string): Promise<WebSocket> {
  const socket = new WebSocket(new URL(`/${name}`, url.href.replace("http", "ws")));
  await once(socket, "open");
  return socket;
}

/** What a room answers: how many messages it has heard since it was made. */
async function answer(socket: WebSocket): Promise<string> {
  socket.send("hello");
  const [{ data }] = (await once(socket, "message")) as [{ data: string }];
  return data;
}
