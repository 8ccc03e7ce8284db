/**
 * The demo: a Worker under wrangler calls a function under the local Lambda runtime,
 * and every trace that reaches the OTLP backend is printed as a tree.
 */
import { setTimeout } from "node:timers/promises";
import { createCollector, formatTrace, serveCollector } from "edgespan/testing";
import { startStack } from "./stack.ts";

const elsewhere = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
const collector = createCollector();
await using backend = await serveCollector(collector);
await using stack = await startStack({
  OTEL_EXPORTER_OTLP_ENDPOINT: elsewhere ?? backend.endpoint,
});

const UNSAMPLED = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" };
const requests = [
  { what: "a success", path: "/orders/42", spans: 5 },
  { what: "an application error", path: "/checkout", spans: 1 },
  { what: "an upstream failure", path: "/orders/lost", spans: 4 },
  { what: "an unsampled request", path: "/orders/7", spans: 0, headers: UNSAMPLED },
];
for (const { what, path, spans, headers = {} } of requests) {
  collector.reset();
  const response = await fetch(new URL(path, stack.url), { headers });
  console.log(`\n${what}: GET ${path} → ${response.status} ${await response.text()}`);
  if (elsewhere) continue;
  await collector.waitForSpans(spans);
  for (const trace of collector.traces()) console.log(formatTrace(trace));
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
