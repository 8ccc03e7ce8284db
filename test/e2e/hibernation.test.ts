/**
 * WebSockets in workerd and in real time: that an instrumented Durable Object hibernates when a
 * bare one does, and what is told of connections that break off.
 */
import { once } from "node:events";
import { request } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type CollectedSpan, createCollector, serveCollector } from "edgespan/testing";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { objects, serveWorker } from "../contract/serve-worker.ts";

/** workerd lets an object hibernate after 10 s in which nothing keeps it. */
const IDLE_MS = 11_500;
const OBJECTS = { BARE: "BareRoom", TRACED: "Room", AWAKE: "AwakeRoom" };

const collector = createCollector();
const resources = new AsyncDisposableStack();
let url: URL;

beforeAll(async () => {
  const { endpoint } = resources.use(await serveCollector(collector));
  const config = {
    name: "rooms",
    main: `${import.meta.dirname}/../worker/sockets/whole.ts`,
    vars: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    ...objects(OBJECTS),
  };
  url = await serveWorker(config, resources);
});
afterAll(() => resources.disposeAsync());
beforeEach(() => collector.reset());

test("an instrumented object hibernates when a bare one does, and wakes up in the same trace", async () => {
  const sockets = await Promise.all(Object.keys(OBJECTS).map(open));
  const say = (): Promise<string[]> => Promise.all(sockets.map(answer));
  expect([await say(), await say()]).toEqual([
    ["1", "1", "1"],
    ["2", "2", "2"],
  ]);
  await sleep(IDLE_MS);
  // What was counted in memory is lost, save where the application's own timer kept it.
  expect(await say()).toEqual(["1", "1", "3"]);
  for (const socket of sockets) socket.close(4000);
  const spans = await spansOfConnection(4);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(spans.map(({ name }) => name)).toEqual([
    "websocket.message",
    "websocket.message",
    "websocket.message",
    "websocket.disconnect",
  ]);
  const lasted = spans.at(-1)?.attributes["websocket.connection.duration_ms"];
  expect(lasted).toBeGreaterThan(IDLE_MS);
});

test.each([
  ["a Durable Object has accepted for hibernation", "TRACED"],
  ["a Worker has accepted", "none"],
])("a connection that %s has an end also where it breaks off", async (_who, name) => {
  const socket = await upgrade(name);
  await vi.waitUntil(() => collector.spans().some(isConnect));
  socket.destroy();
  const [disconnect] = await spansOfConnection(1);
  expect(disconnect).toMatchObject({
    name: "websocket.disconnect",
    attributes: { "websocket.close.code": 1006, "websocket.close.was_clean": false },
  });
});

const isConnect = ({ name }: CollectedSpan): boolean => name === "websocket.connect";

/** The spans below that of the one connection that is traced, once there are so many. */
async function spansOfConnection(count: number): Promise<CollectedSpan[]> {
  const below = (): CollectedSpan[] => {
    const connect = collector.spans().find(isConnect);
    return collector.spans().filter(({ parentSpanId }) => parentSpanId === connect?.spanId);
  };
  await vi.waitUntil(() => below().length >= count);
  return below();
}

async function open(name: string): Promise<WebSocket> {
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

/** The TCP socket of a connection, which can break off. */
async function upgrade(name: string): Promise<Socket> {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const sent = request(new URL(`/${name}`, url), { headers }).end();
  const [, socket] = (await once(sent, "upgrade")) as [unknown, Socket];
  return socket;
}
