/** What was sampled here, sampled once more by the real Collector's own consistent probability sampler. */
import type { OtlpExporterOptions, SamplingOptions } from "edgespan";
import { protobuf } from "edgespan/protobuf";
import { probability, tail } from "edgespan/sampling";
import { createFakeExecutionContext } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { describe, expect, onTestFinished, test } from "vitest";
import { isKept, randomWords } from "../unit/sample/sampling.ts";
import { buildCollector } from "./collector/build.ts";
import { type Collector, startCollector } from "./collector/collector.ts";
import type { ReceivedSpan } from "./collector/received.ts";

const COUNT = 1_000;
const build = await buildCollector();

interface Case {
  readonly sampling: SamplingOptions;
  /** What each caller says, if there are any. */
  readonly tracestate?: (randomness: string) => string;
}

const notFollowing = { parentBased: false };
const QUARTER: Record<string, Case> = {
  "a head that keeps a quarter": { sampling: { head: probability(0.25) } },
  "a tail that keeps a quarter of a half": {
    sampling: { head: probability(0.5), tail: tail([{ errors: true }, { ratio: 0.25 }]) },
  },
  "randomness that callers name": {
    sampling: { head: probability(0.25, notFollowing) },
    tracestate: (rv) => `vendor=1,ot=th:8;rv:${rv};x:y`,
  },
  "callers that write what is no tracestate of OpenTelemetry's": {
    sampling: { head: probability(0.25, notFollowing) },
    tracestate: (rv) => `ot=junk;a:b c;rv:${rv.slice(9)};x:y`,
  },
};

/** Invokes a Worker so many times, with ids that are the same in each run. */
async function record(
  { sampling, tracestate }: Case,
  exporter: readonly OtlpExporterOptions[],
): Promise<void> {
  const word = randomWords(7);
  const hex = (words: number): string =>
    Array.from({ length: words }, () => word().toString(16).padStart(8, "0")).join("");
  const ids = { generateTraceId: () => hex(4), generateSpanId: () => hex(2) };
  const handler = {
    fetch: async (_request: Request, _env: unknown, _ctx: unknown) => new Response(),
  };
  const worker = instrument(handler, { exporter, sampling, ids });
  const ctx = createFakeExecutionContext();
  for (let at = 0; at < COUNT; at++) {
    const headers = tracestate && {
      traceparent: `00-${hex(4)}-${hex(2)}-01`,
      tracestate: tracestate(hex(2).slice(2)),
    };
    await worker.fetch(
      new Request("http://shop.example/", { ...(headers && { headers }) }),
      {},
      ctx,
    );
  }
  await ctx.settled();
}

/** Of each trace its id, and its tracestate with the fields in the order of their names. */
const told = (spans: readonly ReceivedSpan[]): string[] =>
  spans
    .map(({ traceId, traceState = "" }) =>
      [traceId, ...traceState.split(/[=;,]/).toSorted()].join(" "),
    )
    .toSorted();

/** How many traces there were, by the thresholds of those that are left. */
function estimate(spans: readonly ReceivedSpan[]): number {
  return spans.reduce((sum, { traceState = "" }) => {
    const threshold = /th:(\w+)/.exec(traceState)?.[1]?.padEnd(14, "0");
    return sum + 2 ** 56 / (2 ** 56 - Number(`0x${threshold}`));
  }, 0);
}

const within3Sigma = (ratio: number): number => 3 * Math.sqrt((COUNT * (1 - ratio)) / ratio);

async function startedWith(processors: Record<string, object>): Promise<Collector> {
  const collector = await startCollector(processors);
  onTestFinished(() => collector.stop());
  return collector;
}

const sampledBy = (mode: "equalizing" | "proportional", sampling_percentage: number) =>
  startedWith({ probabilistic_sampler: { mode, sampling_percentage } });

describe.skipIf(build.kind === "unavailable").each(["http/json", "http/protobuf"])("%s", (name) => {
  const encoding = name === "http/json" ? {} : { protocol: protobuf };

  test.each(Object.entries(QUARTER))(
    "%s: its thresholds are believed, and nothing more is dropped at the same ratio",
    async (_, sampled) => {
      const [before, equalized, halved] = await Promise.all([
        startedWith({}),
        sampledBy("equalizing", 25),
        sampledBy("proportional", 50),
      ]);
      const all = [before, equalized, halved];
      await record(
        sampled,
        all.map(({ httpEndpoint }) => ({ url: `${httpEndpoint}/v1/traces`, ...encoding })),
      );
      const [spans = [], same = [], half = []] = await Promise.all(all.map((one) => one.spans()));
      // A sampler of the same ratio drops nothing more; one of the half what ours of an eighth would.
      expect(told(same)).toEqual(told(spans));
      const eighth = spans.filter(({ traceId, traceState = "" }) => {
        const randomness = /rv:(\w{14})/.exec(traceState)?.[1] ?? traceId;
        return isKept(probability(0.125), { traceId: randomness.padStart(32, "0") });
      });
      expect(half.map(({ traceId }) => traceId).toSorted()).toEqual(
        eighth.map(({ traceId }) => traceId).toSorted(),
      );
      expect(Math.abs(estimate(same) - COUNT)).toBeLessThan(within3Sigma(0.25));
      expect(Math.abs(estimate(half) - COUNT)).toBeLessThan(within3Sigma(0.125));
    },
  );
});
