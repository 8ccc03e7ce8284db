/** What a decision to drop leaves on the heap: nothing. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { describe, expect, it, test } from "vitest";
import { always, never } from "../../../src/sample/always.ts";
import { probability } from "../../../src/sample/probability.ts";
import { rateLimited } from "../../../src/sample/rate-limited.ts";
import { rules } from "../../../src/sample/rules.ts";
import type { HeadSampler } from "../../../src/trace/tracing.ts";
import { TRACE_ID, ask, parentWith } from "./sampling.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** The least object takes 12 bytes, so that one for each decision would take 2.4 MB. */
const DECISIONS = 200_000;
const NOISE_BYTES = 600_000;

/** How much the heap grows by decisions, in the best of some rounds: the first ones are not compiled yet. */
function growth(decide: () => unknown): number {
  const rounds = Array.from({ length: 8 }, () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < DECISIONS; count++) decide();
    return process.memoryUsage().heapUsed - before;
  });
  return Math.min(...rounds.slice(2));
}

const clock = { now: () => 1_000 };
const spent = rateLimited(1, { clock });
ask(spent);

const ATTRIBUTES = { "faas.trigger": "http", "http.request.method": "GET", "url.path": "/health" };
const DROPPING: Record<string, HeadSampler> = {
  never,
  "probability(0.1)": probability(0.1),
  "rateLimited(1)": spent,
  "rules of rules": rules([
    { trigger: "pubsub", sampler: always },
    { method: "POST", sampler: always },
    { sampler: rules([{ attributes: { "url.path": "/health" }, sampler: never }]) },
  ]),
};

const LINKS: never[] = [];
const decide =
  (sampler: HeadSampler, context = ROOT_CONTEXT) =>
  () =>
    sampler.shouldSample(context, TRACE_ID, "GET", SpanKind.SERVER, ATTRIBUTES, LINKS);

describe("a dropped span allocates nothing", () => {
  test.each(Object.entries(DROPPING))("%s", (_, sampler) => {
    expect(decide(sampler)().decision).toBe(0);
    expect(growth(decide(sampler))).toBeLessThan(NOISE_BYTES);
  });

  it("nor does one whose caller dropped it, whatever else it carries", () => {
    const unsampled = parentWith({ traceFlags: 0, traceState: "vendor=1" });
    expect(growth(decide(probability(1), unsampled))).toBeLessThan(NOISE_BYTES);
  });

  it("which a sampler that makes an object for each decision does not", () => {
    const careless = { shouldSample: () => ({ decision: 0 }) };
    const kept: unknown[] = [];
    expect(growth(() => (kept[0] = decide(careless)()))).toBeGreaterThan(NOISE_BYTES);
  });
});
