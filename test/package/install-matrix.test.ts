/** The published package in applications on either line of OpenTelemetry, and on none. */
import { type TraceTree, createCollector, serveCollector } from "edgespan/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installApp, installNode, invokeLambda, requestWorker } from "./support/app.ts";
import { reachesRegistry } from "./support/npm.ts";
import { type Scratch, scratchOutside } from "./support/scratch.ts";
import { manifest } from "./support/manifest.ts";
import { pack } from "./support/tarball.ts";
import { typeErrors } from "./support/typecheck.ts";

const online = await reachesRegistry();
const note = online ? "" : " (skipped: the npm registry cannot be reached)";
if (!online) console.warn(`The install matrix is not tested${note}`);
const collector = createCollector();

const own = { "app.work": {} };
/** The last span tells, by its name, of the span that the app's own processor was given. */
const seen = { "app.work": { "seen: app.work": {} } };
/** Each app, and the spans that one invocation of it makes below the root. */
const APPS = [
  { name: "bare", spans: own, count: 2 },
  { name: "line-2", spans: seen, count: 3 },
  { name: "line-3", spans: seen, count: 3 },
];

/** The oldest release that `engines` of package.json admits. */
const OLDEST_NODE = manifest.engines.node.replace(/^>=(\d+\.\d+)$/, "$1.0");

it.runIf(process.env.CI === "true")(
  "CI reaches the npm registry, so that nothing is skipped",
  () => {
    expect(online).toBe(true);
  },
);

describe.skipIf(!online)(`the packed package${note}`, { timeout: 20_000 }, () => {
  let folder: Scratch;
  let tarball: string;
  let backend: Awaited<ReturnType<typeof serveCollector>>;
  let oldestNode: string;

  beforeAll(async () => {
    folder = await scratchOutside();
    backend = await serveCollector(collector);
    [{ path: tarball }, oldestNode] = await Promise.all([
      pack(folder.path),
      installNode(OLDEST_NODE, folder.path),
    ]);
  });
  afterAll(async () => {
    await backend.close();
    await folder[Symbol.asyncDispose]();
  });

  describe.each(APPS)("in the app $name", ({ name, spans, count }) => {
    let installed: Awaited<ReturnType<typeof installApp>>;

    beforeAll(async () => {
      collector.reset();
      installed = await installApp(name, folder.path, tarball);
    });

    it("installs without force and without a conflict or a warning of ours", () => {
      const { ok, output } = installed;
      expect(output.split("\n").filter((line) => /ERESOLVE|peer|edgespan/.test(line))).toEqual([]);
      expect(ok).toBe(true);
    });

    // With it less is checked.
    it("typechecks without skipLibCheck", async () => {
      expect(await typeErrors(installed.app, "--skipLibCheck", "false")).toBe("");
    });

    it("records its spans in workerd, bundled by wrangler", async () => {
      collector.reset();
      const exported = () => collector.waitForSpans(count);
      expect(await requestWorker(installed.app, backend, exported)).toBe("done");
      expect(collector.traces().map(tree)).toEqual([{ GET: spans }]);
    });

    it("records its spans on Lambda, from node_modules as installed", async () => {
      collector.reset();
      expect(await invokeLambda(installed.app, backend)).toBe("done");
      await collector.waitForSpans(count);
      expect(collector.traces().map(tree)).toEqual([{ local: spans }]);
    });

    it(`records its spans on Lambda under Node ${OLDEST_NODE}`, async () => {
      collector.reset();
      expect(await invokeLambda(installed.app, backend, oldestNode)).toBe("done");
      await collector.waitForSpans(count);
      expect(collector.traces().map(tree)).toEqual([{ local: spans }]);
    });
  });
});

/** All that arrived, by names only. */
function tree({ roots }: Pick<TraceTree, "roots">): object {
  return Object.fromEntries(
    roots.map((node) => [node.name, tree({ roots: node.children })] as const),
  );
}
