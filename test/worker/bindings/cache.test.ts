import { span } from "edgespan";
import { createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { exporterOf, invoke, request, traced } from "../invoke.ts";
import { serve } from "../isolate.ts";
import { comparing } from "./compare.ts";

const cache = caches.default;
const { match: identity, put } = cache;
const compare = comparing(cache, {});

/** As a library does that takes the cache when it is loaded. */
const held = { cache };

const UNSAMPLED = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" };
const URL_THERE = "https://shop.test/cart?page=2";
const fresh = (body = "cached") =>
  new Response(body, { headers: { "cache-control": "max-age=60" } });

beforeEach(async () => {
  await cache.put(URL_THERE, fresh());
});

const hit = { "cache.response.success": true, "cache.response.status_code": 200 };
const miss = { "cache.response.success": false };

describe("a call answers the same, and its span tells of a hit or a miss, never of a body", () => {
  test.each<[string, (target: Cache) => unknown, object]>([
    [
      "match of a URL that is there",
      (target) => target.match(URL_THERE),
      { "url.full": URL_THERE, ...hit },
    ],
    [
      "match of a URL that is not there",
      (target) => target.match("https://shop.test/none"),
      { "url.full": "https://shop.test/none", ...miss },
    ],
    [
      "match of a Request",
      (target) => target.match(new Request(URL_THERE), { ignoreMethod: true }),
      { "url.full": URL_THERE, ...hit },
    ],
    [
      "match of a URL object",
      (target) => target.match(new URL(URL_THERE)),
      { "url.full": URL_THERE, ...hit },
    ],
    [
      "put",
      (target) => target.put("https://shop.test/new", fresh()),
      { "url.full": "https://shop.test/new", "cache.request.payload.status_code": 200 },
    ],
    [
      "delete of a URL that is not there",
      (target) => target.delete("https://shop.test/none"),
      { "url.full": "https://shop.test/none", ...miss },
    ],
    [
      "delete of a URL that is there",
      async (target) => {
        await Reflect.apply(put, cache, ["https://shop.test/gone", fresh()]);
        return target.delete("https://shop.test/gone");
      },
      { "url.full": "https://shop.test/gone", "cache.response.success": true },
    ],
  ])("%s", async (what, call, attributes) => {
    const { root, spans } = await compare(call);
    expect(spans).toEqual([
      {
        traceId: root.traceId,
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        parentSpanId: root.spanId,
        traceState: undefined,
        name: `${what.replace(/ .*/, "")} cache`,
        kind: "CLIENT",
        startMs: expect.any(Number),
        durationMs: expect.any(Number),
        attributes,
        events: [],
        links: [],
        status: { code: "UNSET", message: undefined },
        resource: root.resource,
        scope: "edgespan",
      },
    ]);
  });

  test.each([
    [
      "a signature",
      "https://shop.test/a?sig=secret&page=2#top",
      "https://shop.test/a?sig=REDACTED&page=2",
    ],
    // The platform refuses credentials, and the span must not tell them either.
    ["credentials", "https://user:secret@shop.test/a", "https://REDACTED:REDACTED@shop.test/a"],
  ])("a URL is told without %s", async (_what, url, told) => {
    const { spans } = await compare((target) => target.match(url));
    expect(spans).toMatchObject([{ attributes: { "url.full": told } }]);
    expect(JSON.stringify(spans)).not.toContain("secret");
  });

  test("a body is handed over unread", async () => {
    const { value } = await traced(async () => {
      const response = await cache.match(URL_THERE);
      return { bodyUsed: response?.bodyUsed, text: await response?.text() };
    });
    expect(value).toEqual({ bodyUsed: false, text: "cached" });
  });
});

describe("a call that fails, fails the same, and its span says so", () => {
  test.each<[string, (target: Cache) => unknown, string]>([
    [
      "put of a part",
      (target) => target.put(URL_THERE, new Response("x", { status: 206 })),
      "Cannot cache response to a range request (206 Partial Content).",
    ],
    [
      "put for a POST",
      (target) => target.put(new Request(URL_THERE, { method: "POST" }), fresh()),
      "Cannot cache response to non-GET request.",
    ],
    [
      "put of no response",
      (target) => target.put(URL_THERE, undefined as unknown as Response),
      expect.stringContaining("parameter 2 is not of type 'Response'"),
    ],
  ])("%s", async (_what, call, message) => {
    const { root, spans } = await compare(call);
    expect(spans).toMatchObject([
      {
        name: "put cache",
        parentSpanId: root.spanId,
        attributes: { "error.type": "TypeError" },
        status: { code: "ERROR", message },
      },
    ]);
  });

  test.each<[string, (target: Cache) => unknown]>([
    ["no URL", (target) => target.match("nope")],
    ["nothing", (target) => (target.match as () => unknown).call(target)],
    ["null", (target) => target.match(null as unknown as string)],
    ["a symbol", (target) => target.match(Symbol("url") as unknown as string)],
  ])("match of %s makes no span, for there is no URL to tell", async (_what, call) => {
    const { spans } = await compare(call);
    expect(spans).toEqual([]);
  });

  test("a method taken off its cache throws as before, and one that is bound works", async () => {
    const taken = await compare((target) => {
      if (target !== cache) return Reflect.apply(identity, undefined, [URL_THERE]);
      const { match } = target;
      return match(URL_THERE);
    });
    expect(taken.spans).toMatchObject([{ name: "match cache", status: { code: "ERROR" } }]);
    const bound = await compare((target) => target.match.bind(target)(URL_THERE));
    expect(bound.spans).toMatchObject([{ name: "match cache", status: { code: "UNSET" } }]);
  });
});

describe("which calls make spans", () => {
  test("those of a cache that is opened by name", async () => {
    const { value, spans } = await traced(async () => {
      const named = await caches.open("named");
      await named.put(URL_THERE, fresh("named"));
      return (await named.match(URL_THERE))?.text();
    });
    expect(value).toBe("named");
    expect(spans).toMatchObject([{ name: "put cache" }, { name: "match cache", attributes: hit }]);
  });

  test("those of a library that took the cache before, where the platform invokes the Worker", async () => {
    const served = serve({
      fetch: async () => (await held.cache.match(URL_THERE)) ?? new Response("missed"),
    });
    const response = await served.send("/");
    expect(await response.text()).toBe("cached");
    await vi.waitFor(() => expect(served.collector.spans()).toHaveLength(2));
    expect(served.collector.traces()).toMatchObject([
      { roots: [{ name: "GET", children: [{ name: "match cache", attributes: hit }] }] },
    ]);
  });

  test("each call once, however often handlers are instrumented", async () => {
    const collector = createCollector();
    const handler = { fetch: async () => (await cache.match(URL_THERE)) ?? new Response() };
    instrument(handler, exporterOf(collector));
    const { spans } = await invoke(instrument(handler, exporterOf(collector)));
    expect(spans.map(({ name }) => name).toSorted()).toEqual(["GET", "match cache"]);
  });

  test("none where the request is not sampled", async () => {
    const { response, collector } = await invoke(
      { fetch: async () => (await cache.match(URL_THERE)) ?? new Response("missed") },
      { request: request("/", { headers: UNSAMPLED }) },
    );
    expect(await response.text()).toBe("cached");
    expect(collector.exports).toEqual([]);
  });

  test("concurrent ones are siblings below the span that made them", async () => {
    const { spans } = await traced(() =>
      span("gather", async () => {
        const found = await Promise.all([cache.match(URL_THERE), cache.match(`${URL_THERE}&b`)]);
        return found.map((response) => response?.status);
      }),
    );
    const gather = spans.find(({ name }) => name === "gather");
    const calls = spans.filter(({ name }) => name === "match cache");
    expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual([gather?.spanId, gather?.spanId]);
  });
});
