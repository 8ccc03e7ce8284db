import { expect, it } from "vitest";
import { createResource } from "../../../src/trace/resource.ts";

it("leaves out what is unknown, and writes as text what OTLP JSON cannot carry", () => {
  const attributes = { "service.name": "shop", region: undefined, ratio: Number.NaN };
  const build = { "build.id": 123n } as never;
  expect(createResource({ ...attributes, ...(build as object) }).attributes).toEqual({
    "service.name": "shop",
    ratio: "NaN",
    "build.id": "123",
  });
});
