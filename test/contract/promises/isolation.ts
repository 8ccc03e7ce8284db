/** Concurrent requests never meet in one trace. */
import { expect, it } from "vitest";
import { type Running, rootOf, shapeOf, type Stage } from "../stage.ts";

const SPANS_EACH = 7;

const traceIdOf = (id: number): string => String(id + 1).padStart(32, "0");

export function keepsRequestsApart(stage: Stage): void {
  it.each([2, 50])("keeps %i concurrent requests apart", async (count) => {
    const { traced, platform } = stage;
    await expectApart(traced, platform.rootName("/interleave"), count);
    expect(traced.collector.requests).toBeLessThanOrEqual(count);
  });
}

/** Sends so many requests at once, and expects of each a whole trace that is its own. */
export async function expectApart(
  { collector, get }: Running,
  name: string,
  count: number,
): Promise<void> {
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
  const told = collector.traces().map((trace) => {
    const root = rootOf(trace);
    const id = Number(/\d+/.exec(String(root.attributes["url.query"]))?.[0]);
    return {
      id,
      continues: trace.traceId === traceIdOf(id),
      shape: shapeOf(root),
      steps: root.children.map((step) => [step.attributes, step.children[0]?.attributes]),
    };
  });
  expect(told.toSorted((a, b) => a.id - b.id)).toEqual(
    ids.map((id) => ({
      id,
      continues: id % 2 === 1,
      shape: [name, ...[1, 2, 3].map((step) => [`step ${step}`, "inner"])],
      steps: [1, 2, 3].map(() => [{ id }, { id }]),
    })),
  );
  expect(new Set(collector.spans().map(({ spanId }) => spanId)).size).toBe(count * SPANS_EACH);
  expect(collector.exports.every(({ spans }) => spans.length > 0)).toBe(true);
}
