import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { expect, it } from "vitest";
import { createLeftovers } from "../../../src/flush/leftovers.ts";
import { names } from "../tracing.ts";

function spans(from: number, count: number): ReadableSpan[] {
  return Array.from({ length: count }, (_, n) => ({ name: `${from + n}` }) as ReadableSpan);
}

it("hands over what was added, once and in order", () => {
  const leftovers = createLeftovers(() => {});
  leftovers.add(spans(0, 2));
  leftovers.add([]);
  leftovers.add(spans(2, 1));
  expect([names(leftovers.take()), names(leftovers.take())]).toEqual([["0", "1", "2"], []]);
});

it("keeps the first 2,048 and reports how many were dropped", () => {
  const reports: string[] = [];
  const leftovers = createLeftovers((problem) => reports.push(problem));
  leftovers.add(spans(0, 2_047));
  leftovers.add(spans(2_047, 1));
  leftovers.add(spans(2_048, 1));
  leftovers.add(spans(2_049, 5));
  const kept = names(leftovers.take());
  expect([kept.length, kept.at(-1), reports]).toEqual([
    2_048,
    "2047",
    ["1 late spans were dropped", "5 late spans were dropped"],
  ]);
});

it("has room again once it was emptied", () => {
  const reports: string[] = [];
  const leftovers = createLeftovers((problem) => reports.push(problem));
  leftovers.add(spans(0, 3_000));
  leftovers.take();
  leftovers.add(spans(0, 2_048));
  expect([leftovers.take().length, reports]).toEqual([2_048, ["952 late spans were dropped"]]);
});
