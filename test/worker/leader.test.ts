/** Spans leave whatever befalls the invocations that are to see to them. */
import { span, stats } from "edgespan";
import type { OtlpExporterOptions } from "edgespan";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type FetchHandler, sleep } from "./invoke.ts";
import { pathsOf, type Served, serve, sizesOf } from "./isolate.ts";
import { forbidUnhandledRejections, hello } from "./start.ts";

const WINDOW_MS = 500;
const TIMEOUT_MS = 200;
/** Longer than it takes to know that nobody sees to a window any more. */
const LOST_MS = 1_200;
/** Longer than the window, the guards' delay, and what a lost attempt is waited for. */
const LONG_MS = 4_000;

forbidUnhandledRejections();
beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const served = (
  handler: FetchHandler = hello(),
  exporter: Partial<OtlpExporterOptions> = {},
): Served => serve(handler, { windowMs: WINDOW_MS }, exporter);

const never = new Promise<void>(() => {});

/** What the counters tell, where nothing may be left and nothing lost. */
function counted({ url }: Served): unknown {
  const { recorded, exported, queued, dropped } =
    stats().destinations.find(({ name }) => name === url) ?? {};
  return { recorded, exported, queued, dropped };
}
const allOf = (count: number): unknown => ({
  recorded: count,
  exported: count,
  queued: 0,
  dropped: { queue_full: 0, rejected: 0, too_large: 0 },
});

describe.concurrent("the spans of all leave", () => {
  test("in one POST where the handler of the first throws", async () => {
    const handler: FetchHandler = {
      async fetch(request) {
        if (request.url.endsWith("/0")) throw new RangeError("thrown inside");
        return new Response();
      },
    };
    const worker = served(handler);
    await expect(worker.send("/0")).rejects.toThrow("thrown inside");
    for (const path of ["/1", "/2", "/3", "/4"]) await worker.send(path);
    await worker.collector.waitForSpans(5);
    expect(pathsOf(worker)).toEqual(["/0", "/1", "/2", "/3", "/4"]);
    expect([sizesOf(worker), worker.collector.requests]).toEqual([[5], 1]);
  });

  test("by the second attempt where that of the first meets a 503", async () => {
    const worker = served();
    const answers = [{ status: 503 }];
    worker.collector.answer(() => answers.shift() ?? { status: 200 });
    for (const path of ["/0", "/1", "/2", "/3", "/4"]) await worker.send(path);
    await worker.collector.waitForSpans(5);
    expect([sizesOf(worker), worker.collector.requests]).toEqual([[5], 2]);
    expect(counted(worker)).toEqual(allOf(5));
  });

  test("in one POST where the context of the first is ended", async () => {
    const worker = served();
    await worker.sendMortal("/0", sleep(50));
    for (const path of ["/1", "/2", "/3", "/4"]) await worker.send(path);
    await worker.collector.waitForSpans(5, LONG_MS);
    expect([sizesOf(worker), worker.collector.requests]).toEqual([[5], 1]);
    expect(counted(worker)).toEqual(allOf(5));
  });

  test("in one POST where the contexts of the first and of a guard are ended", async () => {
    const worker = served();
    await Promise.all(["/0", "/1"].map((path) => worker.sendMortal(path, sleep(50))));
    for (const path of ["/2", "/3", "/4"]) await worker.send(path);
    await worker.collector.waitForSpans(5, LONG_MS);
    expect([sizesOf(worker), worker.collector.requests]).toEqual([[5], 1]);
  });

  test("with the next invocation where the contexts of all who were to see to it are ended", async () => {
    const worker = served();
    await Promise.all(["/0", "/1", "/2"].map((path) => worker.sendMortal(path, sleep(50))));
    await worker.send("/3");
    await sleep(WINDOW_MS + LOST_MS);
    expect(worker.collector.requests).toBe(0);
    await worker.send("/4");
    await worker.collector.waitForSpans(5, LONG_MS);
    expect([sizesOf(worker), worker.collector.requests]).toEqual([[5], 1]);
    expect(counted(worker)).toEqual(allOf(5));
  });

  test("where the context of the first is ended in the middle of its POST", async () => {
    const worker = served(hello(), { timeoutMs: TIMEOUT_MS });
    const reached = Promise.withResolvers<void>();
    const answers = [
      () => {
        reached.resolve();
        return never.then(() => ({ status: 200 }));
      },
    ];
    worker.collector.answer(() => answers.shift()?.() ?? { status: 200 });
    const ended = worker.sendMortal("/0", reached.promise);
    await sleep(50);
    for (const path of ["/1", "/2", "/3", "/4"]) await worker.send(path);
    await ended;
    await worker.collector.waitForSpans(5, LONG_MS);
    expect([sizesOf(worker), worker.collector.requests]).toEqual([[5], 2]);
    expect(counted(worker)).toEqual(allOf(5));
  });

  test("where the context of the one that tries again is ended", async () => {
    const worker = served(hello(), { timeoutMs: TIMEOUT_MS });
    worker.collector.answer(() => ({ status: 503 }));
    const failed = vi.waitFor(() => expect(worker.collector.requests).toBe(2), LONG_MS);
    await worker.sendMortal("/0", failed);
    worker.collector.answer();
    expect(counted(worker)).toMatchObject({ recorded: 1, exported: 0, queued: 1 });
    // For as long as it is believed alive, nobody else tries.
    await sleep(2_000);
    await worker.send("/1");
    await worker.collector.waitForSpans(2, LONG_MS);
    expect(pathsOf(worker).toSorted()).toEqual(["/0", "/1"]);
    expect(counted(worker)).toEqual(allOf(2));
  });
});

test("a span that ends while the answer still streams leaves in a POST of its own", async () => {
  const handler: FetchHandler = {
    async fetch() {
      const body = new ReadableStream({
        async start(controller) {
          await span("streamed", () => sleep(1));
          await sleep(2 * WINDOW_MS);
          await span("late", () => sleep(1));
          controller.close();
        },
      });
      return new Response(body);
    },
  };
  const worker = served(handler);
  const response = await worker.send("/0");
  await response.text();
  await worker.collector.waitForSpans(3);
  expect(sizesOf(worker)).toEqual([1, 2]);
  expect(worker.collector.traces()).toMatchObject([
    { roots: [{ name: "GET", children: [{ name: "streamed" }, { name: "late" }] }] },
  ]);
});
