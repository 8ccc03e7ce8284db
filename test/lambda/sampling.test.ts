/** Samplers and limits where the response waits for the flush. */
import { type Options, span } from "edgespan";
import { wrapHandler } from "edgespan/lambda";
import { never, probability, tail } from "edgespan/sampling";
import { createCollector, createFakeLambdaContext } from "edgespan/testing";
import { expect, it } from "vitest";

const event = (path: string): unknown => ({
  version: "2.0",
  routeKey: `GET ${path}`,
  rawPath: path,
  rawQueryString: "",
  headers: { host: "shop.example" },
  requestContext: { http: { method: "GET", protocol: "HTTP/1.1" } },
});

function wrapped(options: Options) {
  const collector = createCollector();
  const exporter = { url: "http://collector/v1/traces", fetch: collector.fetch };
  const handler = wrapHandler(
    async ({ rawPath }: { rawPath: string }, _context: unknown) => {
      await span("work", async () => undefined);
      if (rawPath === "/throws") throw new RangeError("refused");
      return { statusCode: rawPath === "/broken" ? 500 : 200 };
    },
    { exporter, ...options },
  );
  const invoke = async (path: string): Promise<unknown> =>
    handler(event(path) as { rawPath: string }, createFakeLambdaContext());
  return { collector, invoke };
}

it("a tail sampler keeps whole traces of what failed, and posts nothing of the rest", async () => {
  const { collector, invoke } = wrapped({
    sampling: { tail: tail([{ errors: true }, { ratio: 0 }]) },
  });
  const outcomes = [await invoke("/fine"), await invoke("/broken")];
  await expect(invoke("/throws")).rejects.toThrow(new RangeError("refused"));
  expect(outcomes).toEqual([{ statusCode: 200 }, { statusCode: 500 }]);
  expect(collector.exports.map(({ spans }) => spans.map(({ name }) => name).toSorted())).toEqual([
    ["GET /broken", "work"],
    ["GET /throws", "work"],
  ]);
});

it("a tail sampler and conditions of the application's that throw change no result", async () => {
  const broken = (): never => {
    throw new Error("of the sampler");
  };
  const rules = tail([{ attributes: { any: broken }, ratio: 0 }]);
  const own = wrapped({ sampling: { tail: { follow: broken } } });
  const { collector, invoke } = wrapped({ sampling: { tail: rules } });
  expect([await invoke("/fine"), await own.invoke("/fine")]).toEqual([
    { statusCode: 200 },
    { statusCode: 200 },
  ]);
  expect(collector.spans().length).toBe(2);
});

it("a head sampler that drops posts nothing", async () => {
  const { collector, invoke } = wrapped({ sampling: { head: never } });
  expect([await invoke("/fine"), collector.exports]).toEqual([{ statusCode: 200 }, []]);
});

it("a ratio is told on each span", async () => {
  const { collector, invoke } = wrapped({ sampling: { head: probability(1), tail: tail([{}]) } });
  await invoke("/fine");
  expect(collector.spans().map(({ traceState }) => traceState)).toEqual(["ot=th:0", "ot=th:0"]);
});

it("spans beyond the limit are counted on the root", async () => {
  const { collector, invoke } = wrapped({ limits: { maxSpans: 1 } });
  await invoke("/fine");
  expect(collector.spans()).toMatchObject([
    { name: "GET /fine", attributes: { "edgespan.dropped_spans_count": 1 } },
  ]);
});
