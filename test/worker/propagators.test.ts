import { context, propagation } from "@opentelemetry/api";
import type { Options } from "edgespan";
import { inject as injectInto, extract, kafkaHeaders } from "edgespan/propagation";
import * as propagators from "edgespan/propagators";
import { span } from "edgespan";
import { expect, inject, test } from "vitest";
import { request, traced } from "./invoke.ts";
import { outcomeOf, sentHeader } from "./outcome.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

interface Format {
  /** What a caller sends, with the sampled flag or without. */
  sent(sampled: boolean): Record<string, string>;
  /** What is written for a span of the trace. */
  written(spanId: string, sampled: boolean): Record<string, string>;
}

const flag = (sampled: boolean): string => (sampled ? "1" : "0");
const multi = (spanId: string, sampled: boolean) => ({
  "x-b3-traceid": TRACE,
  "x-b3-spanid": spanId,
  "x-b3-sampled": flag(sampled),
});
const xray = (spanId: string, sampled: boolean) => ({
  "x-amzn-trace-id": `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${spanId};Sampled=${flag(sampled)}`,
});
const FORMATS: Record<string, Format> = {
  b3: {
    sent: (sampled) => ({ b3: `${TRACE}-${CALLER}-${flag(sampled)}` }),
    written: (spanId, sampled) => ({ b3: `${TRACE}-${spanId}-${flag(sampled)}` }),
  },
  b3multi: { sent: (sampled) => multi(CALLER, sampled), written: multi },
  xray: { sent: (sampled) => xray(CALLER, sampled), written: xray },
  jaeger: {
    sent: (sampled) => ({ "uber-trace-id": `${TRACE}:${CALLER}:0:${flag(sampled)}` }),
    written: (spanId, sampled) => ({ "uber-trace-id": `${TRACE}:${spanId}:0:${flag(sampled)}` }),
  },
};

async function carried(headers: Record<string, string>, options: Options, env: unknown = {}) {
  const { value, root, spans } = await traced(() => outcomeOf(() => fetch(inject("echo"))), {
    request: request("/", { headers }),
    env,
    options,
  });
  const all = [
    ...Object.values(FORMATS).flatMap(({ sent }) => Object.keys(sent(true))),
    "traceparent",
  ];
  const sent = all.map((name) => [name, "echo" in value && sentHeader(value, name)]);
  return { root, spans, sent: Object.fromEntries(sent.filter(([, text]) => text)) as unknown };
}

test.each(Object.entries(FORMATS))(
  "%s by OTEL_PROPAGATORS continues a trace in workerd, and carries it on",
  async (name, { sent, written }) => {
    const env = { OTEL_PROPAGATORS: name };
    const { root, spans, sent: out } = await carried(sent(true), { propagators }, env);
    expect(root).toMatchObject({ traceId: TRACE, parentSpanId: CALLER });
    expect(out).toEqual(written(spans[0]?.spanId ?? "", true));
  },
);

test("all formats at once read what comes, and write one trace in each", async () => {
  const list = ["tracecontext", ...Object.values(propagators)] as const;
  for (const { sent } of Object.values(FORMATS)) {
    const { spans, sent: out } = await carried(sent(true), { propagators: list });
    const id = spans[0]?.spanId ?? "";
    const written = Object.values(FORMATS).map((format) => format.written(id, true));
    const expected = Object.assign({ traceparent: `00-${TRACE}-${id}-01` }, ...written) as object;
    expect(out).toEqual(expected);
  }
});

test("a caller that writes W3C and another format of one span loses neither its state nor a flag", async () => {
  const w3c = { traceparent: `00-${TRACE}-${CALLER}-03`, tracestate: "vendor=1" };
  for (const name of Object.keys(FORMATS)) {
    const headers = { ...w3c, ...FORMATS[name]?.sent(true) };
    const env = { OTEL_PROPAGATORS: `tracecontext,${name}` };
    const { root, spans, sent: out } = await carried(headers, { propagators }, env);
    expect(root).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, traceState: "vendor=1" });
    expect(out).toMatchObject({ traceparent: `00-${TRACE}-${spans[0]?.spanId}-03` });
  }
});

test("a request that is forwarded names the span that forwards it, and no parent of another", async () => {
  const headers = { ...multi(CALLER, true), "x-b3-parentspanid": "1".repeat(16) };
  const incoming = request("/", { headers });
  const { value } = await traced(() => outcomeOf(() => fetch(inject("echo"), incoming)), {
    request: incoming,
    options: { propagators: [propagators.b3multi] },
  });
  const sent = ["x-b3-traceid", "x-b3-parentspanid"].map(
    (name) => "echo" in value && sentHeader(value, name),
  );
  expect(sent).toEqual([TRACE, undefined]);
});

test("jaeger carries baggage, which other transports can be given too", async () => {
  const { value } = await traced(
    () => {
      const record = injectInto(new Headers());
      const bytes = {};
      injectInto(kafkaHeaders(bytes));
      const user = extract(record, () =>
        span("consume", () => propagation.getBaggage(context.active())?.getEntry("user")?.value),
      );
      return { record: Object.fromEntries(record), names: Object.keys(bytes), user };
    },
    {
      request: request("/", { headers: { "uberctx-user": "Zo%C3%AB" } }),
      options: { propagators: [propagators.jaeger] },
    },
  );
  expect(value).toEqual({
    record: { "uber-trace-id": expect.any(String), "uberctx-user": "Zo%C3%AB" },
    names: ["uber-trace-id", "uberctx-user"],
    user: "Zoë",
  });
});
