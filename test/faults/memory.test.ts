/** What waits for a backend that is down, in a workerd with the heap that the platform allows. */
import { afterAll, expect, it } from "vitest";
import type { Stats } from "edgespan";
import { killed } from "../bench/load/children.ts";
import { startWorkerd } from "../bench/load/workerd.ts";
import { TOOLS, bundle } from "../package/support/bundle.ts";

const REQUESTS = 1_000;

/** Records 200 KB a request, of which nobody else holds anything. */
const SOURCE = `
import { span, stats } from "edgespan";
import { instrument } from "edgespan/worker";
const traced = instrument({
  async fetch(_request, _env, _ctx) {
    const text = new TextDecoder().decode(new Uint8Array(200_000).fill(65));
    return span("prompt", { text }, () => new Response("hello"));
  },
});
export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/stats") return Response.json(stats());
    return traced.fetch(request, env, ctx);
  },
};`;

afterAll(killed);

it("an isolate of 128 MB goes on answering while its backend is down, and counts what it gave up", async () => {
  const { code } = await bundle(SOURCE, TOOLS.worker);
  // Nobody listens there.
  const bindings = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };
  const worker = await startWorkerd({ name: "memory", code, bindings, heapMegabytes: 128 });
  const get = async (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${worker.port}${path}`);
  for (let count = 0; count < REQUESTS; count++)
    expect(await (await get("/")).text()).toBe("hello");
  const { recorded, destinations } = (await (await get("/stats")).json()) as Stats;
  const [{ queued, dropped } = { queued: 0, dropped: undefined }] = destinations;
  expect([recorded, queued + (dropped?.queue_full ?? 0)]).toEqual([2 * REQUESTS, 2 * REQUESTS]);
  // Of two spans a request one holds next to nothing.
  expect(queued).toBeLessThan((2 * 20_000_000) / 200_000);
}, 60_000);
