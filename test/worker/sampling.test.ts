/** Head and tail samplers, and the limits of an invocation, as whole requests inside workerd. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { type Options, type Stats, span, stats } from "edgespan";
import { always, never, probability, rateLimited, rules, tail } from "edgespan/sampling";
import { createCollector, createManualClock } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { describe, expect, inject, it, test } from "vitest";
import { type FetchHandler, exporterOf, invoke, request, sleep } from "./invoke.ts";
import { outcomeOf, sentHeader } from "./outcome.ts";

const base = inject("echo");

const names = (spans: readonly { name: string }[]): string[] =>
  spans.map(({ name }) => name).toSorted();

/** A handler that calls another service, and tells which context that was sent. */
function calling(): { handler: FetchHandler; sent: (string | undefined)[][] } {
  const sent: (string | undefined)[][] = [];
  const handler = {
    async fetch() {
      const outcome = await outcomeOf(() => fetch(base));
      if (!("echo" in outcome)) throw new Error(JSON.stringify(outcome));
      sent.push(["traceparent", "tracestate"].map((name) => sentHeader(outcome, name)));
      return new Response();
    },
  };
  return { handler, sent };
}

describe("a head sampler", () => {
  test("tells its threshold to services downstream, and on each span that is exported", async () => {
    const { handler, sent } = calling();
    const { spans } = await invoke(handler, { options: { sampling: { head: probability(1) } } });
    const [client, server] = [
      spans.find(({ kind }) => kind === "CLIENT"),
      spans.find(({ kind }) => kind === "SERVER"),
    ];
    expect(sent).toEqual([[`00-${server?.traceId}-${client?.spanId}-03`, "ot=th:0"]]);
    expect(spans.map(({ traceState }) => traceState)).toEqual(["ot=th:0", "ot=th:0"]);
  });

  test("keeps what a caller has kept, with its tracestate and the flag that its id is random", async () => {
    const { handler, sent } = calling();
    const headers = {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
      tracestate: "vendor=1,ot=rv:ffffffffffffff;th:8",
    };
    const options = { sampling: { head: probability(0.001) } };
    const { spans } = await invoke(handler, { request: request("/", { headers }), options });
    const client = spans.find(({ kind }) => kind === "CLIENT");
    expect(sent).toEqual([
      [
        `00-0af7651916cd43dd8448eb211c80319c-${client?.spanId}-03`,
        "vendor=1,ot=rv:ffffffffffffff;th:8",
      ],
    ]);
  });

  test("that drops costs no export, and tells services downstream", async () => {
    const { handler, sent } = calling();
    const { spans, collector } = await invoke(handler, { options: { sampling: { head: never } } });
    expect([spans, collector.exports]).toEqual([[], []]);
    expect(sent).toEqual([[expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-02$/), undefined]]);
  });

  test("chooses by trigger, route, method and service, in rules", async () => {
    const clock = createManualClock();
    const head = rules([
      { route: "/health", sampler: never },
      { method: "POST", sampler: rateLimited(1, { clock }) },
      { service: "shop", trigger: "http", route: "/orders/:id", sampler: always },
      { sampler: never },
    ]);
    const options: Options = { service: "shop", sampling: { head } };
    const keeps = async (path: string, init?: RequestInit): Promise<boolean> => {
      const { spans } = await invoke(hello, { request: request(path, init), options });
      return spans.length > 0;
    };
    expect([
      await keeps("/health"),
      await keeps("/orders/1"),
      await keeps("/carts/1"),
      await keeps("/health2", { method: "POST" }),
      await keeps("/health2", { method: "POST" }),
    ]).toEqual([false, true, false, true, false]);
  });
});

const hello: FetchHandler = { fetch: () => new Response("hello") };

/** Fails, is slow, or has an attribute, as the path says. */
const shop = (): FetchHandler => ({
  async fetch({ url }) {
    const { pathname } = new URL(url);
    if (pathname === "/slow") await span("query", () => sleep(60));
    if (pathname === "/caught")
      await span("payment", () => Promise.reject(new Error("declined"))).catch(() => undefined);
    if (pathname === "/gold") span("cart", { tenant: "gold" }, () => undefined);
    return new Response(pathname, { status: pathname === "/broken" ? 500 : 200 });
  },
});

const rare = tail(
  [
    { errors: true },
    { slowerThanMs: 50 },
    { attributes: { tenant: "gold" } },
    { route: "/kept" },
    { ratio: 0 },
  ],
  { explain: true },
);

describe("a tail sampler", () => {
  test.each<[path: string, rule: string, spans: string[]]>([
    ["/broken", "errors", ["GET"]],
    ["/caught", "errors", ["GET", "payment"]],
    ["/slow", "slowerThanMs", ["GET", "query"]],
    ["/gold", "attributes", ["GET", "cart"]],
    ["/kept", "route", ["GET"]],
  ])("keeps the whole trace of %s by its rule %s, and says so", async (path, rule, expected) => {
    const options = { sampling: { tail: rare } };
    const { spans, response } = await invoke(shop(), { request: request(path), options });
    const root = spans.find(({ kind }) => kind === "SERVER");
    expect([await response.text(), names(spans)]).toEqual([path, expected]);
    expect(root?.attributes).toMatchObject({
      "edgespan.tail.rule": rule,
      "edgespan.tail.ratio": 1,
    });
  });

  test("exports nothing of others, counts them, and does not change what the caller gets", async () => {
    const before: Stats = stats();
    const bare = await shop().fetch(request("/fine"), {}, createExecutionContext());
    const { response, collector } = await invoke(shop(), {
      request: request("/fine"),
      options: { sampling: { tail: rare } },
    });
    expect([response.status, await response.text(), collector.exports]).toEqual([
      200,
      await bare.text(),
      [],
    ]);
    expect((stats().sampledOut ?? 0) - (before.sampledOut ?? 0)).toBe(1);
  });

  test("told services downstream that the trace is sampled, before it knew", async () => {
    const { handler, sent } = calling();
    const { spans } = await invoke(handler, {
      options: { sampling: { tail: tail([{ ratio: 0 }]) } },
    });
    expect([spans, sent]).toEqual([[], [[expect.stringMatching(/-03$/), undefined]]]);
  });

  test("sees what goes on after the response, and what ends later follows", async () => {
    const run = async (fails: boolean) => {
      const collector = createCollector();
      const late = Promise.withResolvers<void>();
      const handler: FetchHandler = {
        fetch(_request, _env, ctx) {
          ctx.waitUntil(
            span("background", () => (fails ? Promise.reject(new Error("late")) : sleep(5))).catch(
              () => undefined,
            ),
          );
          void span("later still", () => late.promise);
          return new Response();
        },
      };
      const worker = instrument(handler, {
        ...exporterOf(collector),
        flush: { maxWaitMs: 30 },
        sampling: { tail: tail([{ errors: true }, { ratio: 0 }]) },
      });
      const ctx = createExecutionContext();
      await worker.fetch(request(), {}, ctx);
      await sleep(60);
      late.resolve();
      await waitOnExecutionContext(ctx);
      return names(collector.spans());
    };
    expect([await run(true), await run(false)]).toEqual([["GET", "background", "later still"], []]);
  });

  test("keeps of a trace what another service with the same ratio keeps", async () => {
    const keep = tail([{ ratio: 0.5 }]);
    const head = async (traceId: string) => {
      const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
      const options = { sampling: { tail: keep } };
      return (await invoke(hello, { request: request("/", { headers }), options })).spans.length;
    };
    const low = "f".repeat(18) + "7".repeat(14);
    const high = "0".repeat(18) + "8".repeat(14);
    expect([await head(low), await head(high)]).toEqual([0, 1]);
  });
});

describe("the limits of an invocation", () => {
  it("of spans holds also for work after the response, and says on the root how many were too many", async () => {
    const before = stats().overLimit;
    const handler: FetchHandler = {
      fetch(_request, _env, ctx) {
        for (let count = 0; count < 10; count++) span("step", () => undefined);
        ctx.waitUntil(Promise.resolve().then(() => span("after", () => undefined)));
        return new Response();
      },
    };
    const { spans } = await invoke(handler, { options: { limits: { maxSpans: 5 } } });
    const root = spans.find(({ kind }) => kind === "SERVER");
    expect(names(spans)).toEqual(["GET", "step", "step", "step", "step"]);
    expect([root?.attributes["edgespan.dropped_spans_count"], stats().overLimit - before]).toEqual([
      7, 7,
    ]);
  });

  it("is 1,000 spans by default", async () => {
    const handler: FetchHandler = {
      fetch() {
        for (let count = 0; count < 1_500; count++) span("step", () => undefined);
        return new Response();
      },
    };
    const { spans } = await invoke(handler);
    const root = spans.find(({ kind }) => kind === "SERVER");
    expect([spans.length, root?.attributes["edgespan.dropped_spans_count"]]).toEqual([1_000, 501]);
  });

  it("leaves calls that find no room their context: it is the nearest recorded span's", async () => {
    const { handler, sent } = calling();
    const { spans } = await invoke(handler, { options: { limits: { maxSpans: 1 } } });
    expect(sent).toEqual([[`00-${spans[0]?.traceId}-${spans[0]?.spanId}-03`, undefined]]);
    expect(names(spans)).toEqual(["GET"]);
  });
});
