import { describe, expect, it, test } from "vitest";
import type { Options } from "../../../src/config/options.ts";
import { complaint, resolved } from "./resolved.ts";

describe("the limits", () => {
  const DEFAULTS = {
    attributeCountLimit: 128,
    attributeValueLengthLimit: Number.POSITIVE_INFINITY,
    eventCountLimit: 128,
    linkCountLimit: 128,
    attributePerEventCountLimit: 128,
    attributePerLinkCountLimit: 128,
    maxSpans: 1_000,
    maxBytes: 2_000_000,
  };

  test.each<[string, Options["limits"], Record<string, string>, Partial<typeof DEFAULTS>]>([
    ["the defaults of the specification", undefined, {}, {}],
    [
      "the general attribute limits",
      undefined,
      { OTEL_ATTRIBUTE_COUNT_LIMIT: "1", OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "2" },
      { attributeCountLimit: 1, attributeValueLengthLimit: 2 },
    ],
    [
      "those of spans over the general ones",
      undefined,
      {
        OTEL_ATTRIBUTE_COUNT_LIMIT: "1",
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "2",
        OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "3",
        OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "4",
      },
      { attributeCountLimit: 3, attributeValueLengthLimit: 4 },
    ],
    [
      "every other variable",
      undefined,
      {
        OTEL_SPAN_EVENT_COUNT_LIMIT: "5",
        OTEL_SPAN_LINK_COUNT_LIMIT: "0",
        OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: "7",
        OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: "8",
      },
      {
        eventCountLimit: 5,
        linkCountLimit: 0,
        attributePerEventCountLimit: 7,
        attributePerLinkCountLimit: 8,
      },
    ],
    [
      "code over variables",
      { eventCountLimit: 1 },
      { OTEL_SPAN_EVENT_COUNT_LIMIT: "5", OTEL_SPAN_LINK_COUNT_LIMIT: "6" },
      { eventCountLimit: 1, linkCountLimit: 6 },
    ],
    [
      "those of an invocation, which no variable has",
      { maxSpans: 10, maxBytes: Number.POSITIVE_INFINITY },
      {},
      { maxSpans: 10, maxBytes: 2 ** 53 },
    ],
    [
      "the defaults for empty variables",
      undefined,
      { OTEL_SPAN_EVENT_COUNT_LIMIT: "", OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: " " },
      {},
    ],
  ])("are %s", (_, limits, variables, expected) => {
    expect(resolved(limits ? { limits } : {}, variables).limits).toEqual({
      ...DEFAULTS,
      ...expected,
    });
  });

  it("keep their value where code passes undefined", () => {
    const limits = { eventCountLimit: undefined } as unknown as Options["limits"];
    const variables = { OTEL_SPAN_EVENT_COUNT_LIMIT: "5" };
    expect(resolved({ limits: limits! }, variables).limits.eventCountLimit).toBe(5);
  });

  test.each([
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
  ])("%s is refused where it is no whole number", (name) => {
    expect(complaint({}, { [name]: "many" })).toBe(
      `edgespan: ${name} "many" must be a whole number of 0 or more`,
    );
  });
});
