/** The demo's order, from the request to the last Worker that hears of it. */
import { setTimeout } from "node:timers/promises";
import {
  type CollectedSpan,
  type TraceNode,
  createCollector,
  serveCollector,
} from "edgespan/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ORDER, type Stack, startStack } from "../../handlers/stack.ts";

const collector = createCollector();
const cleanup = new AsyncDisposableStack();
let stack: Stack;

beforeAll(async () => {
  const backend = cleanup.use(await serveCollector(collector));
  stack = cleanup.use(await startStack({ OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint }));
});
afterAll(() => cleanup.disposeAsync());
beforeEach(() => collector.reset());

/** Longer than any window in which spans wait, so that what is sent twice is seen. */
const LATE_MS = 1_000;

async function allSpans(count: number): Promise<CollectedSpan[]> {
  await collector.waitForSpans(count, 15_000);
  await setTimeout(LATE_MS);
  return collector.spans();
}

async function order(headers: Record<string, string> = ORDER.headers): Promise<unknown[]> {
  const response = await fetch(new URL("/orders", stack.url), { ...ORDER, headers });
  return [response.status, await response.json()];
}

/** Names and kinds as a tree. */
type Shape = [told: string, ...children: Shape[]];

function shapeOf({ kind, name, children }: TraceNode): Shape {
  return [`${kind} ${name}`, ...children.map(shapeOf)];
}

const RESERVED: Shape = [
  "CLIENT INVENTORY/reserve",
  ["SERVER Inventory/reserve", ["CLIENT exec storage"], ["CLIENT PUT", ["SERVER PUT"]]],
];
const ordered = (consumed: Shape): Shape => [
  "SERVER POST /orders",
  ["CLIENT get SESSIONS"],
  ["CLIENT first SHOP"],
  ["PRODUCER send ORDERS", consumed],
];

describe("an order", () => {
  const PLACED = [202, { item: "book", price: 20, customer: "Ada" }];

  test("is one trace through KV, D1, the queue, its consumer, a Durable Object and a service binding", async () => {
    expect(await order()).toEqual(PLACED);
    const spans = await allSpans(11);
    expect(spans).toHaveLength(11);
    expect(collector.traces().map(({ roots }) => roots.map(shapeOf))).toEqual([
      [ordered(["CONSUMER process orders", ["CONSUMER process orders", RESERVED]])],
    ]);
    expect(spans.filter(({ status }) => status.code === "ERROR")).toEqual([]);
    expect(new Set(spans.map(({ resource }) => resource["service.name"]))).toEqual(
      new Set(["shop"]),
    );
  });

  test("continues the trace of its caller to the last span", async () => {
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${trace}-b7ad6b7169203331-01`;
    await order({ ...ORDER.headers, traceparent });
    const spans = await allSpans(11);
    expect(spans).toHaveLength(11);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([trace]));
    expect(collector.traces()[0]?.roots.map(({ parentSpanId }) => parentSpanId)).toEqual([
      "b7ad6b7169203331",
    ]);
  });

  test("keeps its own trace in a batch of two, which links to both", async () => {
    expect(await Promise.all([order(), order()])).toEqual([PLACED, PLACED]);
    const spans = await allSpans(21);
    expect(spans).toHaveLength(21);
    const shapes = collector.traces().map(({ roots }) => roots.map(shapeOf));
    const one = [ordered(["CONSUMER process orders", RESERVED])];
    expect(shapes.toSorted((a, b) => a.join().length - b.join().length)).toEqual([
      [["CONSUMER process orders"]],
      one,
      one,
    ]);
    const batch = spans.find(({ kind, parentSpanId }) => kind === "CONSUMER" && !parentSpanId);
    const senders = spans.filter(({ kind }) => kind === "PRODUCER").map(({ spanId }) => spanId);
    expect(batch?.links.map(({ spanId }) => spanId).toSorted()).toEqual(senders.toSorted());
  });

  test("is neither queued nor paid for where nobody is logged in", async () => {
    expect(await order({})).toEqual([401, { error: "log in first" }]);
    expect(await allSpans(1)).toMatchObject([
      { name: "POST /orders", kind: "SERVER", attributes: { "http.response.status_code": 401 } },
    ]);
  });
});
