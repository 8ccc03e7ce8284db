/** Trust, asked of whatever invokes a function: each kind of event that is recognised. */
import type { Options } from "edgespan";
import { wrapHandler } from "edgespan/lambda";
import { type CollectedSpan, createCollector, createFakeLambdaContext } from "edgespan/testing";
import { readdirSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { PARENT, exampleEvent } from "./root-span.ts";

const EVENTS = readdirSync(`${import.meta.dirname}/events`)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.replace(".json", ""));

/** The root span, also of a task whose input may name a parent. */
async function rootOf(event: unknown, trust: Options["trust"] = "all"): Promise<CollectedSpan> {
  const collector = createCollector();
  const handler = wrapHandler(async (_event: unknown, _context: unknown) => "done", {
    exporter: { url: "http://collector/v1/traces", fetch: collector.fetch },
    instrument: { lambda: { stepFunctions: true, xrayParent: true } },
    trust,
  });
  expect(await handler(event, createFakeLambdaContext())).toBe("done");
  return collector.spans()[0] as CollectedSpan;
}

const ids = ({ links }: CollectedSpan): string[] => links.map(({ spanId }) => spanId).toSorted();

const trusted = await Promise.all(
  EVENTS.map(async (name) => [name, await rootOf(exampleEvent(name))] as const),
);
const withParent = trusted.filter(([, { parentSpanId }]) => parentSpanId);

it("of the examples those are asked about that name a parent; HTTP has tests of its own", () => {
  expect(withParent.length).toBeGreaterThanOrEqual(18);
  expect(withParent.map(([, { parentSpanId }]) => parentSpanId)).toContain(PARENT.spanId);
});

describe.each(withParent)("%s", (name, { traceId, parentSpanId = "", ...rest }) => {
  it.each<[string, Options["trust"]]>([
    ["none", "none"],
    ["a rule", () => false],
  ])(
    "joins no trace where nobody is trusted (%s), and links to whom it would join",
    async (_, trust) => {
      const root = await rootOf(exampleEvent(name), trust);
      expect(root.parentSpanId).toBeUndefined();
      expect(root.traceId).not.toBe(traceId);
      expect(root.traceState).toBeUndefined();
      const linked = ids({ ...rest, traceId } as CollectedSpan);
      expect(ids(root)).toEqual([...new Set([...linked, parentSpanId])].toSorted());
    },
  );

  it("is asked about by its event", async () => {
    const event = exampleEvent(name);
    const rule = vi.fn<(given: unknown) => boolean>(() => true);
    expect(await rootOf(event, rule)).toMatchObject({ traceId, parentSpanId });
    expect(rule.mock.calls).toEqual([[event]]);
  });
});
