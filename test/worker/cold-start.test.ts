import { expect, test } from "vitest";
import { invoke } from "./invoke.ts";

test("only the first request of an isolate is a cold start, however many handlers it holds", async () => {
  const seen: unknown[] = [];
  for (const name of ["first", "second", "third"]) {
    const { spans } = await invoke({ fetch: () => new Response(name) });
    seen.push(spans.map(({ attributes }) => attributes["faas.coldstart"]));
  }
  expect(seen).toEqual([[true], [false], [false]]);
});
