/** What users and operators notice of a backend that fails; `test/faults` tells more of the spans. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { stats } from "edgespan";
import { type Answer, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import { request } from "./invoke.ts";
import { forbidUnhandledRejections, hello, start } from "./start.ts";

const base = inject("echo");
const WARNED_WITHIN_MS = 3_000;

const warnings: string[] = [];
const about = (url: string): string[] => warnings.filter((text) => text.includes(url));
const deliveries = (url: string): unknown => stats().destinations.find(({ name }) => name === url);

beforeAll(() => {
  vi.spyOn(console, "warn").mockImplementation((text: string) => void warnings.push(text));
});
forbidUnhandledRejections();

/** A collector behind a URL of its own, so that its warnings and counters can be told apart. */
function backend(answer: Answer) {
  const collector = createCollector();
  collector.answer(answer);
  const url = `http://collector.test/${crypto.randomUUID()}`;
  return { collector, url, exporter: { url, fetch: collector.fetch } };
}

const none = { queue_full: 0, rejected: 0, too_large: 0 };

describe.concurrent("a backend that refuses", () => {
  test.each([400, 401, 404, 500, 302])(
    "changes nothing for the user: it answers %i",
    async (status) => {
      const { collector, url, exporter } = backend(() => ({ status }));
      const { response, ctx } = await start(hello(), collector, { exporter });
      expect(await response.text()).toBe("hello");
      await waitOnExecutionContext(ctx);
      expect(about(url)).toEqual([
        `edgespan: 1 spans were not delivered to ${url}: HTTP status ${status}`,
      ]);
      expect(deliveries(url)).toMatchObject({
        recorded: 1,
        queued: 0,
        dropped: { ...none, rejected: 1 },
        posts: 1,
      });
    },
  );

  test("is told of once a minute", async () => {
    const { collector, url, exporter } = backend(() => ({ status: 400 }));
    const worker = instrument(hello(), { exporter });
    for (let sent = 0; sent < 5; sent++) {
      const ctx = createExecutionContext();
      await worker.fetch(request(), {}, ctx);
      await waitOnExecutionContext(ctx);
    }
    expect(collector.requests).toBe(5);
    expect(about(url)).toHaveLength(1);
    expect(deliveries(url)).toMatchObject({ dropped: { ...none, rejected: 5 } });
  });

  test("is told of by its address without what is secret", async () => {
    const url = `${base}/redirect`;
    const exporter = { url: `${url}?key=secret` };
    const { ctx } = await start(hello(), createCollector(), { exporter });
    await waitOnExecutionContext(ctx);
    expect(about(url)).toEqual([`edgespan: 1 spans were not delivered to ${url}: HTTP status 302`]);
  });
});

// Not among those below, some of which pretend to be deployed.
test("a backend that is away keeps no test of an application that awaits its context for long", async () => {
  const { collector, url, exporter } = backend(() => ({ status: 503 }));
  const worker = instrument(hello(), { exporter });
  for (const requests of [3, 3]) {
    const ctx = createExecutionContext();
    await worker.fetch(request(), {}, ctx);
    await waitOnExecutionContext(ctx);
    expect(collector.requests).toBe(requests);
  }
  expect(deliveries(url)).toMatchObject({ recorded: 2, queued: 2, dropped: none });
});

describe.concurrent("a backend that is away", () => {
  const untellable: unknown = Object.create(null);
  const answers: [string, Answer, reason: string][] = [
    ["throws", () => Promise.reject(new TypeError("no route")), "no route"],
    ["rejects with nothing", () => Promise.reject(), "undefined"],
    [
      "rejects with what cannot be told",
      () => Promise.reject(untellable),
      "(an unprintable value)",
    ],
    ["answers 429", () => ({ status: 429 }), "HTTP status 429"],
    ["answers 503", () => ({ status: 503 }), "HTTP status 503"],
  ];

  test.each(answers)("changes nothing for the user, and loses nothing: it %s", async (...given) => {
    const [, answer, reason] = given;
    vi.stubEnv("NODE_ENV", "production");
    const { collector, url, exporter } = backend(answer);
    const { response, ctx } = await start(hello(), collector, { exporter });
    vi.unstubAllEnvs();
    expect(await response.text()).toBe("hello");
    await vi.waitFor(() => expect(about(url)).toHaveLength(1), WARNED_WITHIN_MS);
    expect(collector.requests).toBe(3);
    collector.answer();
    await waitOnExecutionContext(ctx);
    expect(about(url)).toEqual([`edgespan: 1 spans wait for ${url}: ${reason}`]);
    expect(deliveries(url)).toMatchObject({ exported: 1, queued: 0, retried: 3, dropped: none });
    expect(collector.spans()).toMatchObject([{ name: "GET" }]);
  });

  test.each([
    ["answers 504", "/status/504", "HTTP status 504"],
    ["hangs up", "/reset", "Network connection lost."],
    ["never answers", "/hang", "no response within 50 ms"],
  ])("is told of by its address without what is secret: it %s", async (_kind, path, reason) => {
    const url = base + path;
    // Only where nothing else ends it does an attempt last until its time is over.
    const timeoutMs = path === "/hang" ? 50 : 5_000;
    const exporter = { url: `${url}?key=secret`, timeoutMs };
    const { response } = await start(hello(), createCollector(), { exporter });
    expect(await response.text()).toBe("hello");
    await vi.waitFor(() => expect(about(url)).toHaveLength(1), WARNED_WITHIN_MS);
    expect(about(url)).toEqual([`edgespan: 1 spans wait for ${url}: ${reason}`]);
  });

  test("is given up in time also where exporter.fetch ignores its signal", async () => {
    const { collector, url, exporter } = backend(() => new Promise(() => {}));
    await start(hello(), collector, { exporter: { ...exporter, timeoutMs: 30 } });
    await vi.waitFor(() => expect(about(url)).toHaveLength(1), WARNED_WITHIN_MS);
    expect(about(url)).toEqual([`edgespan: 1 spans wait for ${url}: no response within 30 ms`]);
  });
});

test("a backend that never ends its body has the spans, and delays no one", async () => {
  const url = `${base}/half`;
  const { ctx } = await start(hello(), createCollector(), { exporter: { url } });
  await waitOnExecutionContext(ctx);
  expect(about(url)).toEqual([]);
  expect(deliveries(url)).toMatchObject({ recorded: 1, exported: 1, posts: 1 });
});
