import { type CollectedSpan, createFakeLambdaContext } from "edgespan/testing";
import { describe, expect, it } from "vitest";
import { EXPECTED, type Expected } from "./events/expected.ts";
import { exampleEvent, rootOf, told, whole } from "./root-span.ts";

/** The events that AWS documents, in test/lambda/events, and the span that each becomes. */
describe("the root span of an event that AWS documents", () => {
  it.each(Object.entries(EXPECTED))("of %s", async (file, expected) => {
    const context = createFakeLambdaContext();
    const root = await rootOf(exampleEvent(file), context, expected.result, {
      lambda: { stepFunctions: true },
    });
    expect(root).toEqual({ ...spanOf(expected), attributes: attributesOf(expected, context) });
  });
});

function attributesOf(
  { trigger, attributes = {} }: Expected,
  context: Parameters<typeof told>[0],
): object {
  return { ...told(context), "faas.trigger": trigger, ...attributes };
}

function spanOf(expected: Expected): Partial<CollectedSpan> {
  const { name = "invoke", kind = "SERVER", parent, links = [], events = [] } = expected;
  return {
    ...whole(),
    name,
    kind,
    links: links as CollectedSpan["links"],
    events: events as CollectedSpan["events"],
    status: { code: "UNSET", message: undefined },
    ...(parent && { traceId: parent.traceId, parentSpanId: parent.spanId }),
  };
}
