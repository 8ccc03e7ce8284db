/** What one span costs: this package, the official SDK, and no tracing at all. */
import { type Span, trace } from "@opentelemetry/api";
import { type ReadableSpan, type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { span } from "edgespan";
import { createFakeExecutionContext } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { measure } from "mitata";

type Row = Record<string, string | number>;

const ATTRIBUTES = {
  "http.request.method": "GET",
  "url.path": "/orders/42",
  "url.scheme": "https",
  "server.port": 443,
  "cart.total": 12.5,
  "cart.empty": false,
};

export async function benchSpans(): Promise<Row[]> {
  const noop = trace.wrapSpanContext({ traceId: "", spanId: "", traceFlags: 0 });
  const tracer = trace.getTracer("bench");
  return [
    row("no tracing", await ofBatch(() => finish(noop))),
    row("official SDK", await officialSdk()),
    row(
      "edgespan, trace.getTracer().startSpan()",
      await inInvocation(() => finish(tracer.startSpan("bench"))),
    ),
    row("edgespan, span()", await inInvocation(() => span("bench", ATTRIBUTES, () => 0))),
  ];
}

function finish(active: Span): void {
  for (const [name, value] of Object.entries(ATTRIBUTES)) active.setAttribute(name, value);
  active.end();
}

function row(what: string, ns: number): Row {
  return { what, "ns per span": Math.round(ns) };
}

/** Spans are kept until a batch is full, as they are between two flushes. */
const BATCH = 1_000;

async function ofBatch(fn: () => void, after?: () => void): Promise<number> {
  const { p50 } = await measure(() => {
    for (let count = 0; count < BATCH; count++) fn();
    after?.();
  });
  return p50 / BATCH;
}

async function officialSdk(): Promise<number> {
  let kept: ReadableSpan[] = [];
  const keeping: SpanProcessor = {
    onStart() {},
    onEnd: (ended) => void kept.push(ended),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const sdk = new TracerProvider({ spanProcessors: [keeping] }).getTracer("bench");
  return ofBatch(
    () => finish(sdk.startSpan("bench")),
    () => (kept = []),
  );
}

async function inInvocation(fn: () => void): Promise<number> {
  const worker = instrument(
    {
      fetch(_request: Request, _env: unknown, _ctx: unknown) {
        for (let count = 0; count < BATCH; count++) fn();
        return new Response();
      },
    },
    { exporter: "none" },
  );
  const request = new Request("https://shop.example/orders");
  const { p50 } = await measure(() => worker.fetch(request, {}, createFakeExecutionContext()));
  return p50 / BATCH;
}
