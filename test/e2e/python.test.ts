/** A service in Python calls ours, which calls it again: in each format, whole contexts arrive. */
import { createCollector, serveCollector, startLambda } from "edgespan/testing";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveWorker } from "../contract/serve-worker.ts";
import { quietTime } from "../contract/stage.ts";
import { startService, unavailable } from "./python/python.ts";

const FIXTURES = `${import.meta.dirname}/python`;
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

type Env = Record<string, string>;

const PLATFORMS: Record<string, (env: Env, resources: AsyncDisposableStack) => Promise<string>> = {
  async Worker(vars, resources) {
    const main = `${FIXTURES}/worker.ts`;
    return (await serveWorker({ name: "relay", main, vars }, resources)).origin;
  },
  async Lambda(env, resources) {
    const taskRoot = ".cache/e2e/python";
    await build({
      entryPoints: [`${FIXTURES}/lambda.ts`],
      outfile: `${taskRoot}/index.mjs`,
      bundle: true,
      platform: "node",
      format: "esm",
    });
    const lambda = await startLambda({ taskRoot, handler: "index.handler", env });
    resources.defer(() => lambda.close());
    return (await lambda.listen()).url;
  },
};

/** What a span tells of its context, whoever tells it. */
interface Told {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly state: string;
  readonly baggage: Record<string, string>;
}

interface Call {
  readonly headers?: Record<string, string>;
  readonly baggage?: Record<string, string>;
}

const members = Array.from({ length: 32 }, (_, at) => `k${at}=v${at}`).join(",");
const parent = (flags: string): string => `00-${TRACE}-${CALLER}-${flags}`;
const CALLS: Record<string, Call> = {
  "a trace that begins": {},
  "a trace that was sampled": { headers: { traceparent: parent("01") } },
  "a trace that was not sampled": { headers: { traceparent: parent("00") }, baggage: { a: "1" } },
  "a random trace with 32 members of state": {
    headers: { traceparent: parent("03"), tracestate: members },
  },
  "thresholds and randomness": {
    headers: { traceparent: parent("03"), tracestate: "ot=th:c;rv:ffabcdef012345,a=x y" },
  },
  "baggage of any text": {
    // But for spaces and plus signs, which Python writes as forms do.
    baggage: { user: "Zoë😀", percent: "100%", quoted: '"x\\y"', listed: "a=b,c;d", empty: "" },
  },
  // Python reads no more than 100 headers, and Jaeger has one for each.
  "as much baggage as Python takes": {
    baggage: Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`m${at}`, `v${at}`])),
  },
};

/** What a format carries beside ids and the sampled flag. */
const FORMATS: [propagators: string, carries: { w3c?: true; baggage?: true }][] = [
  ["tracecontext,baggage", { w3c: true, baggage: true }],
  ["b3", {}],
  ["b3multi", {}],
  ["jaeger", { baggage: true }],
  ["xray", {}],
];

const why = unavailable();

describe.skipIf(why)(`beside OpenTelemetry for Python${why ? ` (skipped: ${why})` : ""}`, () => {
  describe.each(Object.keys(PLATFORMS))("a %s", (platform) => {
    describe.each(FORMATS)("by %s", (propagators, carries) => {
      const resources = new AsyncDisposableStack();
      const collector = createCollector();
      let service = "";
      let url = "";
      beforeAll(async () => {
        service = await startService(propagators.split(","), resources);
        const { endpoint } = resources.use(await serveCollector(collector));
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_PROPAGATORS: propagators };
        url = (await PLATFORMS[platform]?.(env, resources)) ?? "";
      });
      afterAll(() => resources.disposeAsync());

      it.each(Object.entries(CALLS))("takes and hands on %s", async (_, call) => {
        collector.reset();
        const { headers = {}, baggage = {} } = call;
        const to = `${url}/?to=${encodeURIComponent(service)}`;
        const body = JSON.stringify({ url: to, headers, baggage });
        const response = await fetch(service, { method: "POST", body });
        const { caller, answer: relayed } = (await response.json()) as {
          caller: Told;
          answer: { seen: Told; answer: Told };
        };
        const { seen, answer } = relayed;
        const sampled = caller.flags & 1;
        const expected = {
          traceId: caller.traceId,
          flags: carries.w3c ? caller.flags : sampled,
          state: carries.w3c ? caller.state : "",
          baggage: carries.baggage ? baggage : {},
        };
        expect(seen).toEqual({ ...expected, spanId: seen.spanId });
        expect(answer).toEqual({ ...expected, spanId: answer.spanId });

        await (sampled ? collector.waitForSpans(3) : quietTime());
        const spans = collector.spans().filter(({ name }) => name !== "init");
        const root = spans.find(({ kind }) => kind === "SERVER")?.spanId ?? "";
        const parents = spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]);
        const expectedParents = {
          [root]: caller.spanId,
          [seen.spanId]: root,
          [answer.spanId]: seen.spanId,
        };
        expect(Object.fromEntries(parents)).toEqual(sampled ? expectedParents : {});
      });
    });
  });
});
