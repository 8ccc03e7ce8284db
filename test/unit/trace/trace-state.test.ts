import type { TraceState } from "@opentelemetry/api";
import { describe, expect, it, test } from "vitest";
import { parseTraceState } from "../../../src/trace/trace-state.ts";

function parsed(header: string): TraceState {
  const state = parseTraceState(header);
  if (!state) throw new Error(`not understood: ${header}`);
  return state;
}

describe("a tracestate", () => {
  it("answers the value of a key, and nothing for another", () => {
    const state = parsed("b=2,a=1");
    expect([state.get("a"), state.get("b"), state.get("c")]).toEqual(["1", "2", undefined]);
  });

  test.each<[string, (state: TraceState) => TraceState, string]>([
    ["a new member goes to the front", (state) => state.set("c", "3"), "c=3,b=2,a=1"],
    ["a changed member goes to the front", (state) => state.set("a", "9"), "a=9,b=2"],
    ["a wrong key changes nothing", (state) => state.set("A", "9"), "b=2,a=1"],
    ["a wrong value changes nothing", (state) => state.set("c", "3,d=4"), "b=2,a=1"],
    ["a member is removed", (state) => state.unset("b"), "a=1"],
    ["an unknown member is removed", (state) => state.unset("z"), "b=2,a=1"],
  ])("%s", (_, change, expected) => {
    const state = parsed("b=2,a=1");
    expect([change(state).serialize(), state.serialize()]).toEqual([expected, "b=2,a=1"]);
  });

  it("drops the last of 33 members", () => {
    const members = Array.from({ length: 32 }, (_, index) => `k${index}=${index}`);
    const state = parsed(members.join(",")).set("new", "1");
    expect(state.serialize()).toBe(["new=1", ...members.slice(0, 31)].join(","));
  });
});
