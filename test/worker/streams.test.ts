/** How long the server span of a streamed response lasts, and what it holds. */
import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import { type Options, span } from "edgespan";
import { type CollectedSpan, type Collector, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { describe, expect, test } from "vitest";
import { type FetchHandler, exporterOf, request, sleep } from "./invoke.ts";

const { FILES } = env as { FILES: R2Bucket };

const encoder = new TextEncoder();

/** Runs a handler that answers `body`; what has ended by then may not have arrived yet. */
async function answer(
  body: () => unknown,
  options: Options = {},
): Promise<{ response: Response; collector: Collector; settled: () => Promise<void> }> {
  const collector = createCollector();
  const handler: FetchHandler = { fetch: async () => new Response(body() as BodyInit) };
  const worker = instrument(handler, {
    ...exporterOf(collector),
    flush: { windowMs: 0 },
    ...options,
  });
  const ctx = createExecutionContext();
  const response = await worker.fetch(request("/stream"), env, ctx);
  return { response, collector, settled: () => waitOnExecutionContext(ctx) };
}

/** A stream of `count` chunks, each made by `work`. */
function streamOf(count: number, work: (at: number) => unknown, strategy?: QueuingStrategy) {
  let made = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (made === count) return controller.close();
        await work(made++);
        controller.enqueue(encoder.encode("."));
      },
    },
    strategy,
  );
}

async function* generated(): AsyncGenerator<Uint8Array> {
  for (const each of ["a", "b", "c"]) {
    await span("piece", () => sleep(2));
    yield encoder.encode(each);
  }
}

/** Missing in the types of workerd. */
const { from: fromIterable } = ReadableStream as unknown as {
  from(items: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array>;
};

const endMs = ({ startMs, durationMs }: CollectedSpan): number => startMs + durationMs;

const piece = (): Promise<void> => span("piece", () => sleep(2));

describe("the server span", () => {
  test.each<[string, () => unknown]>([
    ["of a ReadableStream", () => streamOf(3, piece)],
    ["that asks for nothing ahead", () => streamOf(3, piece, { highWaterMark: 0 })],
    ["through a TransformStream", () => streamOf(3, piece).pipeThrough(new TransformStream())],
    ["of an async iterator", generated],
    ["of ReadableStream.from", () => fromIterable(generated())],
    ["of a clone", () => new Response(streamOf(3, piece)).clone().body],
  ])("lasts until the end of a body %s, and is the parent of its spans", async (_, body) => {
    const { response, collector, settled } = await answer(body);
    expect((await response.text()).length).toBe(3);
    await settled();
    await collector.waitForSpans(4);
    const [{ roots } = { roots: [] }, ...others] = collector.traces();
    expect(others).toEqual([]);
    expect(roots).toMatchObject([
      {
        name: "GET",
        kind: "SERVER",
        attributes: { "http.response.status_code": 200 },
        status: { code: "UNSET" },
        children: [{ name: "piece" }, { name: "piece" }, { name: "piece" }],
      },
    ]);
    const end = Math.max(...roots.map(endMs));
    for (const { children } of roots)
      for (const child of children) expect(end).toBeGreaterThanOrEqual(endMs(child));
  });

  test("records what the stream failed with, which the client gets as it is", async () => {
    const error = new RangeError("thrown inside");
    const { response, collector, settled } = await answer(() =>
      streamOf(2, (at) => {
        if (at === 1) throw error;
      }),
    );
    await expect(response.text()).rejects.toBe(error);
    await settled();
    await collector.waitForSpans(1);
    expect(collector.spans()).toMatchObject([
      {
        attributes: { "error.type": "RangeError", "http.response.status_code": 200 },
        status: { code: "ERROR", message: "thrown inside" },
        events: [{ name: "exception" }],
      },
    ]);
  });

  test("ends when the body is cancelled, with what that starts as its children", async () => {
    const reasons: unknown[] = [];
    const { response, collector, settled } = await answer(
      () =>
        new ReadableStream({
          async cancel(reason) {
            reasons.push(reason);
            await span("cancelled", () => sleep(1));
          },
        }),
    );
    const reason = new Error("enough");
    await response.body?.cancel(reason);
    expect(reasons).toEqual([reason]);
    await settled();
    await collector.waitForSpans(2);
    expect(collector.traces()).toMatchObject([
      { roots: [{ status: { code: "UNSET" }, children: [{ name: "cancelled" }] }] },
    ]);
  });

  test("has the source asked for nothing before the client does", async () => {
    let asked = 0;
    const { response, settled } = await answer(() =>
      streamOf(1, () => asked++, { highWaterMark: 0 }),
    );
    await settled();
    expect(asked).toBe(0);
    expect([await response.text(), asked]).toEqual([".", 1]);
  });

  test("ends with the answer where streams is false", async () => {
    const { response, collector, settled } = await answer(
      () => streamOf(1, piece, { highWaterMark: 0 }),
      { instrument: { streams: false } },
    );
    await settled();
    expect(collector.spans()).toMatchObject([{ name: "GET" }]);
    expect(await response.text()).toBe(".");
  });
});

describe("while a body is streamed", () => {
  test("what has ended leaves, and nothing keeps the invocation", async () => {
    const { response, collector, settled } = await answer(async function* () {
      await span("early", () => sleep(1));
      yield encoder.encode("1");
      await sleep(50);
      await span("late", () => sleep(1));
      yield encoder.encode("2");
    });
    await settled();
    expect(collector.spans()).toEqual([]);
    const reader = response.body?.getReader();
    await reader?.read();
    await collector.waitForSpans(1);
    expect(collector.spans()).toMatchObject([{ name: "early" }]);
    while (!(await reader?.read())?.done);
    await collector.waitForSpans(3);
    expect(collector.traces()).toMatchObject([
      { roots: [{ name: "GET", children: [{ name: "early" }, { name: "late" }] }] },
    ]);
  });
});

describe("a response stays the handler's own", () => {
  const own: Record<string, () => Response | Promise<Response>> = {
    "without a body": () => new Response(),
    "of text": () => new Response("text"),
    "of bytes": () => new Response(new Uint8Array(3)),
    "of a form": () => new Response(new FormData()),
    "of a Blob": () => new Response(new Blob(["blob"]).stream()),
    "of a FixedLengthStream": () => new Response(new FixedLengthStream(1).readable),
    "of an IdentityTransformStream": () => new Response(new IdentityTransformStream().readable),
    "of a CompressionStream": () => new Response(new CompressionStream("gzip").readable),
    "of a stream of bytes": () => new Response(new ReadableStream({ type: "bytes" })),
    "that the HTMLRewriter writes": () => new HTMLRewriter().transform(new Response("<p>")),
    "of R2": async () => {
      await FILES.put("own", "content");
      return new Response((await FILES.get("own"))?.body);
    },
    "whose body is locked": () => {
      const response = new Response(streamOf(1, () => undefined));
      response.body?.getReader();
      return response;
    },
    "of a class of its own": () =>
      new (class Page extends Response {})(streamOf(1, () => undefined)),
    "whose body was begun": async () => {
      const response = new Response(streamOf(2, () => undefined));
      const reader = response.body?.getReader();
      await reader?.read();
      reader?.releaseLock();
      return response;
    },
    "whose body was read": async () => {
      const response = new Response(streamOf(1, () => undefined));
      await response.text();
      return response;
    },
  };

  test.each(Object.keys(own))("%s", async (name) => {
    const collector = createCollector();
    const response = await own[name]?.();
    if (!response) throw new Error("the handler has nothing to answer");
    const worker = instrument({ fetch: (): Response => response }, exporterOf(collector));
    const ctx = createExecutionContext();
    expect((worker.fetch as unknown as FetchHandler["fetch"])(request(), env, ctx)).toBe(response);
    await waitOnExecutionContext(ctx);
    expect(collector.spans()).toMatchObject([{ name: "GET" }]);
  });

  test("where its trace is not sampled", async () => {
    const response = new Response(streamOf(1, () => undefined));
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    const worker = instrument({ fetch: (_request: Request): Response => response }, {});
    expect(worker.fetch(request("/", { headers: { traceparent } }))).toBe(response);
  });

  test("where a promise with methods of its own answers it", async () => {
    class Lazy<T> extends Promise<T> {}
    const response = new Response(streamOf(1, () => undefined));
    const collector = createCollector();
    const handler: FetchHandler = { fetch: () => Lazy.resolve(response) };
    const ctx = createExecutionContext();
    const worker = instrument(handler, exporterOf(collector));
    expect(await worker.fetch(request(), env, ctx)).toBe(response);
    expect(response.body?.locked).toBe(false);
    await waitOnExecutionContext(ctx);
    expect(collector.spans()).toMatchObject([{ name: "GET" }]);
  });
});
