/** The packed package in a Worker with libraries that wrap the same handlers and classes. */
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type TraceTree, createCollector, serveCollector } from "edgespan/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { installApp } from "../package/support/app.ts";
import { reachesRegistry } from "../package/support/npm.ts";
import { scratchOutside } from "../package/support/scratch.ts";
import { pack } from "../package/support/tarball.ts";

const online = await reachesRegistry();
const note = online ? "" : " (skipped: the npm registry cannot be reached)";
const collector = createCollector();
const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

describe.skipIf(!online)(`the packed package${note}`, { timeout: 30_000 }, () => {
  let app: string;
  let endpoint: string;

  beforeAll(async () => {
    const folder = resources.use(await scratchOutside());
    ({ endpoint } = resources.use(await serveCollector(collector)));
    const installed = await installApp("beside", folder.path, (await pack(folder.path)).path);
    if (!installed.ok) throw new Error(installed.output);
    ({ app } = installed);
  });

  /** Asks the Worker of a file twice, because a library may set itself up with the first request. */
  async function tracesOf(name: string, spans: number, sentry = ""): Promise<object[]> {
    const harness = createTestHarness({
      workers: [
        {
          config: {
            name,
            main: join(app, `${name}.ts`),
            compatibility_date: "2026-10-01",
            compatibility_flags: ["nodejs_compat"],
            vars: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: "0" },
            durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
            migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
            ...(sentry && { alias: { "@sentry/cloudflare": join(app, "node_modules", sentry) } }),
          },
        },
      ],
    });
    try {
      const { url } = await harness.listen();
      await fetch(url);
      await collector.waitForSpans(spans);
      await setTimeout(500);
      collector.reset();
      expect(await (await fetch(url)).text()).toBe("3");
      await collector.waitForSpans(spans);
      return collector.traces().map(tree);
    } finally {
      await harness.close();
    }
  }

  describe.each(["@sentry/cloudflare", "sentry-10"])("with %s", (sentry) => {
    it.each(["inside", "outside"])("has its spans, and at once, where that is %s", async (name) => {
      const traces = await tracesOf(name, 5, sentry);
      expect(traces).toHaveLength(2);
      expect(traces).toContainEqual({ GET: { GET: { GET: {} }, later: {} } });
      expect(traces).toContainEqual({ "PlainRoom/add": {} });
    });
  });

  it("traces a class of the Agents SDK, which assigns to the methods of its prototypes", async () => {
    expect(await tracesOf("agent", 4)).toContainEqual({
      GET: { "ROOM/add": { "PlainHelper/add": { sum: {} } } },
    });
  });
});

/** All that arrived, by names only. */
function tree({ roots }: Pick<TraceTree, "roots">): object {
  return Object.fromEntries(
    roots.map((node) => [node.name, tree({ roots: node.children })] as const),
  );
}
