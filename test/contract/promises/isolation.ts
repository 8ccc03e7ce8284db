/** Concurrent requests never meet in one trace. */
import { expect, it } from "vitest";
import { rootOf, shapeOf, type Stage } from "../stage.ts";

const SPANS_EACH = 7;

const traceIdOf = (id: number): string => String(id + 1).padStart(32, "0");

export function keepsRequestsApart(stage: Stage): void {
  it.each([2, 50])("keeps %i concurrent requests apart", async (count) => {
    const { collector, get } = stage.traced;
    collector.reset();
    const ids = Array.from({ length: count }, (_, id) => id);
    const bodies = await Promise.all(
      ids.map(async (id) => {
        // Every other one continues a trace of its own.
        const traceparent = `00-${traceIdOf(id)}-${"1".repeat(16)}-01`;
        return (await get(`/interleave?id=${id}`, id % 2 ? { traceparent } : {})).body;
      }),
    );
    expect(bodies).toEqual(ids.map((id) => JSON.stringify({ id })));
    await collector.waitForSpans(count * SPANS_EACH, 10_000);
    const traces = collector.traces();
    expect(traces).toHaveLength(count);
    const name = stage.platform.rootName("/interleave");
    for (const trace of traces) {
      const root = rootOf(trace);
      const id = Number(/\d+/.exec(String(root.attributes["url.query"]))?.[0]);
      expect(shapeOf(root)).toEqual([
        name,
        ["step 1", "inner"],
        ["step 2", "inner"],
        ["step 3", "inner"],
      ]);
      for (const step of root.children)
        expect([step.attributes, step.children[0]?.attributes]).toEqual([{ id }, { id }]);
      expect(trace.traceId).toMatch(id % 2 ? traceIdOf(id) : /./);
    }
    expect(new Set(collector.spans().map(({ spanId }) => spanId)).size).toBe(count * SPANS_EACH);
    expect(collector.exports.every(({ spans }) => spans.length > 0)).toBe(true);
    expect(collector.requests).toBeLessThanOrEqual(count);
  });
}
