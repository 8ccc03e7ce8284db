/** The application as a Worker that was set up long ago, in real workerd under wrangler. */
import { createCollector, serveCollector } from "edgespan/testing";
import { afterAll, describe, expect, it } from "vitest";
import { get, told } from "./get.ts";
import { serveWorker } from "./serve-worker.ts";

const collector = createCollector();
const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

/** Serves the application as workerd was at `date`, and answers its origin. */
async function serve(variant: string, date: string, flag: string): Promise<string> {
  const { endpoint } = resources.use(await serveCollector(collector));
  const config = {
    name: `${variant}-${date}`,
    main: `${import.meta.dirname}/fixture/entries/worker-${variant}.ts`,
    compatibility_date: date,
    compatibility_flags: [flag],
    vars: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  };
  return (await serveWorker(config, resources)).origin;
}

describe.each([
  ["2021-11-02", "nodejs_als"],
  ["2023-03-21", "nodejs_compat"],
])("a Worker with the compatibility date %s and %s", (date, flag) => {
  it("answers and throws as without edgespan, and has its spans", async () => {
    const bare = await serve("bare", date, flag);
    const traced = await serve("instrumented", date, flag);
    for (const path of ["/spans", "/nothing-here", "/throws"])
      expect(told(await get(traced + path))).toEqual(told(await get(bare + path)));
    await collector.waitForSpans(14);
    const trees = collector
      .traces()
      .map(({ roots: [root] }) => [
        root?.attributes["url.path"],
        root?.status.code,
        root?.children.map(({ name }) => name),
      ]);
    expect(trees).toHaveLength(3);
    expect(Object.fromEntries(trees.map(([path, ...rest]) => [path, rest]))).toEqual({
      "/spans": ["UNSET", ["outer", "sibling"]],
      "/nothing-here": ["UNSET", []],
      "/throws": ["ERROR", []],
    });
    collector.reset();
  });
});
