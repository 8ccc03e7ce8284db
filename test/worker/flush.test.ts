import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { trace } from "@opentelemetry/api";
import { type Options, span } from "edgespan";
import { type Collector, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { type FetchHandler, exporterOf, request, sleep } from "./invoke.ts";

const base = inject("echo");
const hello: FetchHandler = { fetch: async () => new Response("hello") };

interface Started {
  response: Response;
  ctx: ExecutionContext;
  waitUntil: ReturnType<typeof vi.spyOn>;
}

/** Sends one request and answers as soon as the response is there. */
async function start(
  handler: FetchHandler,
  collector: Collector,
  options: Options = {},
  headers: Record<string, string> = {},
): Promise<Started> {
  const ctx = createExecutionContext();
  const waitUntil = vi.spyOn(ctx, "waitUntil");
  const worker = instrument(handler, { ...exporterOf(collector), ...options });
  const response = await worker.fetch(request("/", { headers }), {}, ctx);
  return { response, ctx, waitUntil };
}

const rejections: unknown[] = [];
const note = (event: Event): void => {
  rejections.push((event as Event & { reason: unknown }).reason);
};
beforeEach(() => addEventListener("unhandledrejection", note));
afterEach(() => {
  removeEventListener("unhandledrejection", note);
  vi.restoreAllMocks();
  if (rejections.length > 0)
    throw new Error("unhandled rejections", { cause: rejections.splice(0) });
});

describe("the export", () => {
  test("happens under waitUntil, and the response does not wait for it", async () => {
    const collector = createCollector();
    const gate = Promise.withResolvers<{ status: number }>();
    collector.answer(() => gate.promise);
    const { response, ctx, waitUntil } = await start(hello, collector);
    expect(await response.text()).toBe("hello");
    expect(waitUntil).toHaveBeenCalledTimes(1);
    expect(collector.spans()).toEqual([]);
    gate.resolve({ status: 200 });
    await waitOnExecutionContext(ctx);
    expect(collector.spans()).toMatchObject([{ name: "GET" }]);
    expect(collector.requests).toBe(1);
  });

  test("of a handler that throws happens too", async () => {
    const collector = createCollector();
    const ctx = createExecutionContext();
    const failing = {
      fetch: (_r: Request, _e: unknown, _c: unknown) => Promise.reject(new Error("x")),
    };
    const worker = instrument(failing, exporterOf(collector));
    await expect(worker.fetch(request(), {}, ctx)).rejects.toThrow("x");
    await waitOnExecutionContext(ctx);
    expect(collector.spans()).toMatchObject([{ status: { code: "ERROR", message: "x" } }]);
  });

  test("waits for a span that the handler's own waitUntil work still has open", async () => {
    const collector = createCollector();
    const { ctx } = await start(
      {
        fetch(_request, _env, given) {
          given.waitUntil(
            span("cleanup", async () => {
              await sleep(20);
              await span("audit", () => sleep(1));
            }),
          );
          return new Response();
        },
      },
      collector,
    );
    await waitOnExecutionContext(ctx);
    expect(collector.requests).toBe(1);
    const [tree, ...others] = collector.traces();
    expect(others).toEqual([]);
    expect(tree?.roots).toMatchObject([
      { name: "GET", children: [{ name: "cleanup", children: [{ name: "audit" }] }] },
    ]);
  });

  test("of a span that starts after the flush follows, in the same trace", async () => {
    const collector = createCollector();
    const { ctx } = await start(
      {
        fetch(_request, _env, given) {
          given.waitUntil(sleep(20).then(() => span("afterthought", () => sleep(1))));
          return new Response();
        },
      },
      collector,
    );
    await waitOnExecutionContext(ctx);
    await collector.waitForSpans(2);
    expect(collector.exports.map(({ spans }) => spans.map(({ name }) => name))).toEqual([
      ["GET"],
      ["afterthought"],
    ]);
    expect(collector.traces()).toMatchObject([
      { roots: [{ name: "GET", children: [{ name: "afterthought" }] }] },
    ]);
  });

  test("is not even encoded before the response has had its turn", async () => {
    const order: string[] = [];
    const collector = createCollector();
    const traced = instrument(
      { fetch: async (_request: Request, _env: unknown, _ctx: ExecutionContext) => new Response() },
      {
        exporter: {
          url: "http://collector.test/v1/traces",
          fetch: (url, init) => {
            order.push("export");
            return collector.fetch(url, init);
          },
        },
      },
    );
    const ctx = createExecutionContext();
    await traced.fetch(new Request("https://shop.example/"), {}, ctx);
    await new Promise((resolve) => setTimeout(resolve, 0));
    order.push("response");
    await waitOnExecutionContext(ctx);
    expect(order).toEqual(["response", "export"]);
  });

  test("gives up on a span that never ends after 20 s, and sends what has ended", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const collector = createCollector();
      const forgotten: { end(): void }[] = [];
      const { ctx } = await start(
        {
          fetch() {
            forgotten.push(trace.getTracer("app").startSpan("forgotten"));
            span("done", () => {});
            return new Response();
          },
        },
        collector,
      );
      await vi.advanceTimersByTimeAsync(20_000);
      expect(collector.requests).toBe(0);
      await vi.advanceTimersByTimeAsync(10);
      expect(collector.spans().map(({ name }) => name)).toEqual(["done", "GET"]);
      forgotten[0]?.end();
      await waitOnExecutionContext(ctx);
      expect(collector.exports.map(({ spans }) => spans.length)).toEqual([2, 1]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("never holds a span twice", async () => {
    const collector = createCollector();
    const handler: FetchHandler = {
      async fetch(_request, _env, ctx) {
        ctx.waitUntil(sleep(5).then(() => span("late", () => {})));
        await span("early", () => sleep(1));
        return new Response();
      },
    };
    const started = await Promise.all(Array.from({ length: 20 }, () => start(handler, collector)));
    await Promise.all(started.map(({ ctx }) => waitOnExecutionContext(ctx)));
    const ids = collector.spans().map(({ spanId }) => spanId);
    expect(ids).toHaveLength(60);
    expect(new Set(ids).size).toBe(60);
  });
});

describe("an invocation that is not sampled", () => {
  const cases: [string, Options, Record<string, string>][] = [
    ["by its caller", {}, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-00` }],
    [
      "by its sampler",
      { sampling: { head: { shouldSample: () => ({ decision: 0 }), toString: () => "never" } } },
      {},
    ],
  ];

  test.each(cases)("%s sends nothing, waits for nothing, sets no timer", async (...given) => {
    const [, options, headers] = given;
    const collector = createCollector();
    const setTimer = vi.spyOn(globalThis, "setTimeout");
    const { response, ctx, waitUntil } = await start(
      {
        async fetch() {
          return span("inner", (active) => new Response(String(active.isRecording())));
        },
      },
      collector,
      options,
      headers,
    );
    expect(setTimer).not.toHaveBeenCalled();
    expect(waitUntil).not.toHaveBeenCalled();
    expect(await response.text()).toBe("false");
    await waitOnExecutionContext(ctx);
    expect(collector.requests).toBe(0);
  });
});

describe("a backend that fails", () => {
  const answers: [string, () => Promise<{ status: number }>, string][] = [
    ["throws", () => Promise.reject(new TypeError("no route")), "no route"],
    ["rejects with nothing", () => Promise.reject(), "undefined"],
    ["answers 500", async () => ({ status: 500 }), "HTTP status 500"],
    ["answers 400", async () => ({ status: 400 }), "HTTP status 400"],
    ["answers 429", async () => ({ status: 429 }), "HTTP status 429"],
    ["answers 302", async () => ({ status: 302 }), "HTTP status 302"],
  ];

  test.each(answers)("changes nothing for the user: it %s", async (_kind, answer, reason) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const collector = createCollector();
    collector.answer(answer);
    const { response, ctx } = await start(hello, collector);
    expect(await response.text()).toBe("hello");
    await waitOnExecutionContext(ctx);
    expect(warn.mock.calls).toEqual([
      [`edgespan: 1 spans were not delivered to http://collector.test/v1/traces: ${reason}`],
    ]);
  });

  test.each([
    ["answers 503", "/status/503", "HTTP status 503"],
    ["redirects", "/redirect", "HTTP status 302"],
    ["hangs up", "/reset", "Network connection lost."],
    ["never answers", "/hang", "no response within 50 ms"],
  ])("is told of by its address without what is secret: it %s", async (_kind, path, reason) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const collector = createCollector();
    const url = `${base}${path}?key=secret`;
    const { response, ctx } = await start(hello, collector, { exporter: { url, timeoutMs: 50 } });
    expect(await response.text()).toBe("hello");
    await waitOnExecutionContext(ctx);
    expect(warn.mock.calls).toEqual([
      [`edgespan: 1 spans were not delivered to ${base}${path}: ${reason}`],
    ]);
  });

  test("that never ends its body costs no time", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { ctx } = await start(hello, createCollector(), { exporter: { url: `${base}/half` } });
    await waitOnExecutionContext(ctx);
    expect(warn).not.toHaveBeenCalled();
  });

  test("is given up in time also where exporter.fetch ignores its signal", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const collector = createCollector();
    const exporter = {
      url: "http://collector.test/v1/traces",
      timeoutMs: 30,
      fetch: () => new Promise<never>(() => {}),
    };
    const { ctx } = await start(hello, collector, { exporter });
    await waitOnExecutionContext(ctx);
    expect(warn.mock.calls).toEqual([
      [
        "edgespan: 1 spans were not delivered to http://collector.test/v1/traces: no response within 30 ms",
      ],
    ]);
  });

  test("is told of once, with the number of what was held back later", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const collector = createCollector();
    collector.answer(() => ({ status: 500 }));
    const worker = instrument(hello, exporterOf(collector));
    for (let sent = 0; sent < 5; sent++) {
      const ctx = createExecutionContext();
      await worker.fetch(request(), {}, ctx);
      await waitOnExecutionContext(ctx);
    }
    expect(collector.requests).toBe(5);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe("span processors, samplers and propagators that fail", () => {
  const broken = (): never => {
    throw new Error("broken");
  };
  const cases: [string, Options][] = [
    [
      "a processor",
      {
        spanProcessors: [
          {
            onStart: broken,
            onEnding: broken,
            onEnd: broken,
            forceFlush: () => Promise.reject(new Error("broken")),
            shutdown: broken,
          },
        ],
      },
    ],
    ["a propagator", { propagators: [{ inject: broken, extract: broken, fields: () => [] }] }],
  ];

  test.each(cases)("change nothing, and the spans still leave: %s", async (_kind, options) => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const collector = createCollector();
    const handler: FetchHandler = {
      fetch: () => span("inner", async () => new Response((await fetch(base)).body)),
    };
    const { response, ctx } = await start(handler, collector, options);
    expect(response.status).toBe(200);
    await response.text();
    await waitOnExecutionContext(ctx);
    expect(collector.spans().map(({ name }) => name)).toEqual(["GET", "inner", "GET"]);
  });

  test("a sampler that throws samples nothing and changes nothing", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const collector = createCollector();
    const head = { shouldSample: broken, toString: () => "broken" };
    const { response, ctx } = await start(hello, collector, { sampling: { head } });
    expect(await response.text()).toBe("hello");
    await waitOnExecutionContext(ctx);
    expect(collector.requests).toBe(0);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test("processors see each span start and end, and are flushed before waitUntil is done", async () => {
    const seen: string[] = [];
    const processor = {
      onStart: ({ name }: { name: string }) => seen.push(`start ${name}`),
      onEnd: ({ name }: { name: string }) => seen.push(`end ${name}`),
      forceFlush: async () => {
        await sleep(5);
        seen.push("flushed");
      },
      shutdown: async () => {},
    } as unknown as NonNullable<Options["spanProcessors"]>[number];
    const handler: FetchHandler = { fetch: () => span("inner", () => new Response()) };
    const options: Options = { spanProcessors: [processor], exporter: "none" };
    const { ctx } = await start(handler, createCollector(), options);
    await waitOnExecutionContext(ctx);
    expect(seen).toEqual(["start GET", "start inner", "end inner", "end GET", "flushed"]);
  });
});
