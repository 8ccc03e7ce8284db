/** A long outage: a backend that is dead for 100,000 requests costs bounded memory, and nothing when it is back. */
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type DestinationStats, stats } from "edgespan";
import { wrapHandler } from "edgespan/lambda";
import { createCollector, createFakeLambdaContext } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

vi.setConfig({ testTimeout: 30_000 });

const REQUESTS = 100_000;
const AT_ONCE = 500;
/** The default of `flush.maxQueueSize`, which must hold. */
const CAP = 8_192;
const BATCH = 512;
/** Live bytes: the full queue takes about 9 to 14 MB, all spans would take 150. */
const MOST_BYTES = 40 * 1024 * 1024;
/** Longer than the pause after the failures of a test. */
const RETURNS_WITHIN_MS = 8_000;

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;

const warnings: string[] = [];
beforeEach(() => {
  vi.stubEnv("NODE_ENV", "production");
  vi.spyOn(console, "warn").mockImplementation((text: string) => void warnings.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  warnings.length = 0;
});

function liveBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A backend that is dead, the counters of its destination, and what the exporter needs. */
function deadBackend() {
  const collector = createCollector();
  collector.answer(() => Promise.reject(new TypeError("no route to host")));
  const url = `http://collector.test/${crypto.randomUUID()}`;
  const counted = (): Partial<DestinationStats> => {
    const { recorded, exported, queued, dropped } =
      stats().destinations.find(({ name }) => name === url) ?? {};
    return { recorded, exported, queued, dropped } as Partial<DestinationStats>;
  };
  return { collector, url, counted, options: { exporter: { url, fetch: collector.fetch } } };
}

/** Of `recorded` spans the queue holds what it can, and each other one is counted. */
const outage = (recorded: number) => ({
  recorded,
  exported: 0,
  queued: CAP,
  dropped: { queue_full: recorded - CAP, rejected: 0, too_large: 0 },
});

/** One of each kind, whatever the number of losses. */
const warned = (url: string): unknown => [
  expect.stringContaining(` spans wait for ${url}: no route to host`),
  `edgespan: 1 spans were not delivered to ${url}: the queue is full`,
];
const byKind = (): string[] => warnings.toSorted((a) => (a.includes(" wait for ") ? -1 : 1));

it("on a Worker keeps to its cap, counts each loss, and ends by itself", async () => {
  const { collector, url, counted, options } = deadBackend();
  let staying = 0;
  const ctx = {
    waitUntil() {
      staying++;
    },
  };
  const worker = instrument(
    { fetch: (_request: Request, _env: unknown, _ctx: unknown) => new Response("hello") },
    options,
  );
  const request = new Request("http://worker.test/");
  const before = liveBytes();
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
    for (let count = 0; count < AT_ONCE; count++) worker.fetch(request, {}, ctx);
    await sleep(0);
  }
  // The last of them may still be in their window.
  await vi.waitFor(() => expect(counted()).toEqual(outage(REQUESTS)), RETURNS_WITHIN_MS);
  expect(liveBytes() - before).toBeLessThan(MOST_BYTES);
  expect(byKind()).toEqual(warned(url));
  expect(staying).toBeLessThan(REQUESTS / 1_000);
  // No further request is needed: one of the earlier invocations tries again.
  collector.answer();
  const recovered = { ...outage(REQUESTS), exported: CAP, queued: 0 };
  await vi.waitFor(() => expect(counted()).toEqual(recovered), RETURNS_WITHIN_MS);
  expect(collector.exports.map(({ spans }) => spans.length)).toEqual(
    Array.from({ length: CAP / BATCH }, () => BATCH),
  );
});

it("on Lambda keeps to its cap, counts each loss, and ends with an invocation", async () => {
  const { collector, url, counted, options } = deadBackend();
  const handler = wrapHandler(async (_event: object, _context: object) => "hello", options);
  const before = liveBytes();
  for (let sent = 0; sent < REQUESTS; sent++) await handler({}, createFakeLambdaContext());
  expect(counted()).toEqual(outage(REQUESTS));
  expect(liveBytes() - before).toBeLessThan(MOST_BYTES);
  expect(byKind()).toEqual(warned(url));
  collector.answer();
  let later = 0;
  await vi.waitFor(async () => {
    later++;
    await handler({}, createFakeLambdaContext());
    expect(counted().queued).toBe(0);
  }, RETURNS_WITHIN_MS);
  // Those that still met the pause, and the one that ended it, found the queue full.
  expect(counted()).toEqual({ ...outage(REQUESTS + later), exported: CAP, queued: 0 });
  expect(collector.spans()).toHaveLength(CAP);
});
