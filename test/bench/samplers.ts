/** What one head decision about a new trace costs, ours and the official SDK's. */
import { ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { ParentBasedSampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";
import type { HeadSampler } from "edgespan";
import { always, never, probability, rateLimited, rules } from "edgespan/sampling";
import { measure } from "mitata";

const ATTRIBUTES = {
  "faas.trigger": "http",
  "http.request.method": "GET",
  "url.path": "/orders/42",
};

const SAMPLERS: Record<string, HeadSampler> = {
  always,
  never,
  "probability(0.1)": probability(0.1),
  "rateLimited(10)": rateLimited(10),
  "rules of five": rules([
    { route: "/health", sampler: never },
    { trigger: "pubsub", sampler: probability(0.5) },
    { method: "POST", sampler: always },
    { attributes: { tenant: "gold" }, sampler: always },
    { sampler: probability(0.1) },
  ]),
  "official SDK: ParentBased(TraceIdRatioBased(0.1))": new ParentBasedSampler({
    root: new TraceIdRatioBasedSampler(0.1),
  }),
};

/** The clock of the machine is too coarse for one decision. */
const BATCH = 1_000;

export async function benchSamplers(): Promise<Record<string, string | number>[]> {
  const rows: Record<string, string | number>[] = [];
  const ids = Array.from({ length: BATCH }, (_, at) =>
    (at * 0x9e3779b1).toString(16).padStart(32, "7"),
  );
  for (const [what, sampler] of Object.entries(SAMPLERS)) {
    const { p50 } = await measure(() => {
      for (const id of ids)
        sampler.shouldSample(ROOT_CONTEXT, id, "GET", SpanKind.SERVER, ATTRIBUTES, []);
    });
    rows.push({ what, "ns per decision": Math.round(p50 / BATCH) });
  }
  return rows;
}
