/** What is recorded: the root span, and what the application adds beneath it. */
import type { CollectedSpan, TraceNode } from "edgespan/testing";
import { expect, it } from "vitest";
import { rootOf, shapeOf, type Stage } from "../stage.ts";

const anyMs: number = expect.any(Number);
const id = (digits: number): string =>
  expect.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)) as string;

export function recordsSpans(stage: Stage): void {
  it("records the whole root span of an invocation", async () => {
    await using running = await stage.start();
    const trace = await running.trace("/text?page=2", 1, { "user-agent": "contract" });
    expect(rootOf(trace)).toEqual({
      ...stage.platform.rootSpan(running.app),
      traceId: id(32),
      spanId: id(16),
      parentSpanId: undefined,
      traceState: undefined,
      kind: "SERVER",
      startMs: anyMs,
      durationMs: anyMs,
      events: [],
      links: [],
      status: { code: "UNSET", message: undefined },
      scope: "edgespan",
      children: [],
    });
  });

  it("sends spans as OTLP JSON under its own name", async () => {
    await stage.traced.trace("/text", 1);
    expect(stage.traced.collector.exports[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": expect.stringMatching(/^edgespan\/\d+\.\d+\.\d+/) as string,
    });
  });

  it("says of exactly one invocation that it was a cold start", async () => {
    await using running = await stage.start();
    const { app, collector, get } = running;
    await Promise.all([1, 2, 3, 4, 5].map(() => get("/interleave?id=1")));
    await get("/text");
    const spans = await collector.waitForSpans(5 * 7 + 1);
    const roots = spans.filter(({ kind }) => kind === "SERVER");
    const starts = roots.map(({ attributes }) => attributes["faas.coldstart"]);
    expect(starts.filter(Boolean)).toEqual([true]);
    expect(starts).toHaveLength(6);
    expect(starts.at(-1)).toBe(false);
    expect(app.output()).not.toContain("edgespan:");
  });

  it("nests spans as the code does, over await, Promise.all, timers and the API", async () => {
    const trace = await stage.traced.trace("/spans", 12);
    expect(sorted(rootOf(trace))).toEqual([
      stage.platform.rootName("/spans"),
      [
        "outer",
        ["by the api", "inside of it"],
        "in a timer",
        ["parallel 1", "leaf 1"],
        ["parallel 2", "leaf 2"],
        ["parallel 3", "leaf 3"],
      ],
      "sibling",
    ]);
    expect(trace.find("by the api").scope).toBe("fixture");
    expect(trace.find("outer").scope).toBe("edgespan");
    for (const span of descendants(rootOf(trace)))
      expect(span).toMatchObject({ kind: "INTERNAL", resource: rootOf(trace).resource });
  });

  it("lets no child begin before its parent or end after a parent that awaits it", async () => {
    const { collector } = stage.traced;
    await stage.traced.trace("/spans", 12);
    const spans = new Map(collector.spans().map((span) => [span.spanId, span]));
    for (const span of spans.values()) {
      const parent = spans.get(span.parentSpanId ?? "");
      if (!parent) continue;
      expect(span.startMs).toBeGreaterThanOrEqual(parent.startMs);
      // Microseconds are rounded on their way.
      expect(endOf(span)).toBeLessThanOrEqual(endOf(parent) + 0.01);
    }
  });

  it("sends every span once, in one request for each invocation", async () => {
    const { collector, get } = stage.traced;
    collector.reset();
    await get("/spans");
    await collector.waitForSpans(12);
    await get("/text");
    await collector.waitForSpans(13);
    await get("/recovers");
    await collector.waitForSpans(15);
    expect(collector.exports.map(({ spans }) => spans.length)).toEqual([12, 1, 2]);
    expect(collector.requests).toBe(3);
    expect(new Set(collector.spans().map(({ spanId }) => spanId)).size).toBe(15);
  });
}

const endOf = ({ startMs, durationMs }: CollectedSpan): number => startMs + durationMs;

function descendants({ children }: TraceNode): TraceNode[] {
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** The shape with siblings by name, as they may start within one tick of the clock. */
function sorted(root: TraceNode): ReturnType<typeof shapeOf> {
  const named = (node: TraceNode): TraceNode => {
    const { ms } = node.attributes;
    const name = typeof ms === "number" ? `${node.name} ${ms}` : node.name;
    const children = node.children.map(named);
    return { ...node, name, children: children.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  };
  return shapeOf(named(root));
}
