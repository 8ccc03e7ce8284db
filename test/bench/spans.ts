/** What one span costs: this package, the official SDK, and no tracing at all. */
import { type Span, trace } from "@opentelemetry/api";
import { TracerProvider } from "@opentelemetry/sdk-trace";
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
  const sdk = new TracerProvider().getTracer("bench");
  return [
    row("no tracing", await nanoseconds(() => finish(noop))),
    row("official SDK", await nanoseconds(() => finish(sdk.startSpan("bench")))),
    row(
      "edgespan, trace.getTracer().startSpan()",
      await inInvocation(() => {
        const tracer = trace.getTracer("bench");
        return () => finish(tracer.startSpan("bench"));
      }),
    ),
    row("edgespan, span()", await inInvocation(() => () => span("bench", ATTRIBUTES, () => 0))),
  ];
}

function finish(active: Span): void {
  for (const [name, value] of Object.entries(ATTRIBUTES)) active.setAttribute(name, value);
  active.end();
}

function row(what: string, ns: number): Row {
  return { what, "ns per span": Math.round(ns) };
}

async function nanoseconds(fn: () => void): Promise<number> {
  const { avg } = await measure(fn);
  return avg;
}

/** Measures inside of an invocation; its scope is emptied now and then, as a flush would. */
async function inInvocation(create: () => () => void): Promise<number> {
  const BATCH = 1_000;
  const worker = instrument(
    {
      fetch(_request: Request, _env: unknown, _ctx: unknown) {
        const fn = create();
        for (let count = 0; count < BATCH; count++) fn();
        return new Response();
      },
    },
    { exporter: "none" },
  );
  const request = new Request("https://shop.example/orders");
  const { avg } = await measure(() => worker.fetch(request, {}, createFakeExecutionContext()));
  return avg / BATCH;
}
