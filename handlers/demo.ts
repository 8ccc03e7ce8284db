/**
 * The demo: a Worker under wrangler calls a function under the local Lambda runtime, and takes
 * orders through a queue; every trace that reaches the OTLP backend is printed as a tree.
 */
import { setTimeout } from "node:timers/promises";
import { type CollectedSpan, createCollector, formatTrace, serveCollector } from "edgespan/testing";
import { ORDER, startStack } from "./stack.ts";

const elsewhere = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
const collector = createCollector();
await using backend = await serveCollector(collector);
await using stack = await startStack({
  OTEL_EXPORTER_OTLP_ENDPOINT: elsewhere || backend.endpoint,
});

interface Step {
  readonly what: string;
  readonly path: string;
  readonly init?: RequestInit;
  /** How many such requests are made at once. */
  readonly times?: number;
  /** How many spans they leave. */
  readonly spans: number;
}

const UNSAMPLED = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" };
const steps: Step[] = [
  { what: "a success", path: "/orders/42", spans: 5 },
  { what: "an order through a queue", path: "/orders", init: ORDER, spans: 11 },
  { what: "two orders in one batch", path: "/orders", init: ORDER, times: 2, spans: 21 },
  { what: "an application error", path: "/checkout", spans: 1 },
  { what: "an upstream failure", path: "/orders/lost", spans: 4 },
  { what: "an unsampled request", path: "/orders/7", init: { headers: UNSAMPLED }, spans: 0 },
];
for (const { what, path, init, times = 1, spans } of steps) {
  collector.reset();
  const url = new URL(path, stack.url);
  const [response] = await Promise.all(Array.from({ length: times }, () => fetch(url, init)));
  console.log(
    `\n${what}: ${init?.method ?? "GET"} ${path} → ${response?.status} ${await response?.text()}`,
  );
  if (elsewhere) {
    // Nothing here sees what arrives there; the queue waits a second for more messages.
    await setTimeout(2_000);
    continue;
  }
  await collector.waitForSpans(spans, 15_000);
  for (const trace of collector.traces()) console.log(formatTrace(trace));
  for (const line of joins(collector.spans())) console.log(line);
  if (spans > 0) continue;
  await setTimeout(500);
  console.log(`${collector.requests} exports`);
}

console.log(
  elsewhere
    ? `\nThe traces were sent to ${elsewhere}.`
    : "\nTo send the traces elsewhere: OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 npm run demo",
);
if (process.argv.includes("--keep")) {
  console.log(`The Worker answers at ${new URL("/orders/42", stack.url).href} until Ctrl+C.`);
  await new Promise((resolve) => process.once("SIGINT", resolve));
} else {
  console.log("To keep it running: npm run demo -- --keep");
}

/** How a queue's consumer joins the traces of its messages, a line for each of its spans. */
function joins(spans: readonly CollectedSpan[]): string[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans
    .filter(({ kind }) => kind === "CONSUMER")
    .map(({ name, attributes, parentSpanId, links }) => {
      const count = attributes["messaging.batch.message_count"];
      const what = count === undefined ? "a message" : `a batch of ${count as number}`;
      const parent = parentSpanId ? `child of ${names.get(parentSpanId)}` : "a trace of its own";
      const linked = links.map(({ spanId }) => names.get(spanId)).join(", ");
      return `   ${name}, ${what}: ${parent}, linked to ${linked}`;
    });
}
