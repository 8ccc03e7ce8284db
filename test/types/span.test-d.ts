import type { Span } from "@opentelemetry/api";
import { span } from "edgespan";
import { expectTypeOf, test } from "vitest";

test("span returns what its function returns", () => {
  expectTypeOf(span("work", () => 42)).toEqualTypeOf<number>();
  expectTypeOf(span("work", async () => 42)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(span("work", () => {})).toEqualTypeOf<void>();
  expectTypeOf(span("work", { "work.size": 3 }, () => "done" as const)).toEqualTypeOf<"done">();
});

test("span gives its function the API's Span", () => {
  span("work", (active) => expectTypeOf(active).toEqualTypeOf<Span>());
  span("work", { "work.size": 3 }, (active) => expectTypeOf(active).toEqualTypeOf<Span>());
});

test("a span without work is refused", () => {
  // @ts-expect-error -- the last argument is the work
  expectTypeOf(span("work", { "work.size": 3 })).not.toBeAny();
});
