import { describe, expect, it, test } from "vitest";
import type { CollectedSpan } from "../../../src/testing/otlp-json.ts";
import { formatTrace } from "../../../src/testing/format-trace.ts";
import { type TraceNode, treesOf } from "../../../src/testing/trace-tree.ts";

function span(
  name: string,
  parentSpanId?: string,
  more: Partial<CollectedSpan> = {},
): CollectedSpan {
  return {
    traceId: "t1",
    spanId: name,
    parentSpanId,
    traceState: undefined,
    name,
    kind: "INTERNAL",
    startMs: 0,
    durationMs: 1,
    attributes: {},
    events: [],
    links: [],
    status: { code: "UNSET", message: undefined },
    resource: { "service.name": "shop" },
    scope: "test",
    ...more,
  };
}

type Names = [string, ...Names[]];
const namesOf = (node: TraceNode): Names => [node.name, ...node.children.map(namesOf)];

describe("treesOf", () => {
  it("puts children under their parents in order of start, whatever their order of arrival", () => {
    const spans = [
      span("leaf", "late", { startMs: 9 }),
      span("late", "root", { startMs: 5 }),
      span("early", "root", { startMs: 1 }),
      span("root"),
    ];
    expect(treesOf(spans).map(({ roots }) => roots.map(namesOf))).toEqual([
      [["root", ["early"], ["late", ["leaf"]]]],
    ]);
  });

  it("makes a root of a span whose parent was never received", () => {
    const [tree] = treesOf([span("a", "unknown"), span("b", "a"), span("c", "elsewhere")]);
    expect(tree!.roots.map(namesOf)).toEqual([["a", ["b"]], ["c"]]);
  });

  it("makes one tree for each trace, in order of first arrival", () => {
    const trees = treesOf([span("a", undefined, { traceId: "t2" }), span("b"), span("c", "b")]);
    expect(trees.map(({ traceId, roots }) => [traceId, roots.map(namesOf)])).toEqual([
      ["t2", [["a"]]],
      ["t1", [["b", ["c"]]]],
    ]);
  });

  it("finds a span by name, and names those there are where it is missing", () => {
    const [tree] = treesOf([span("a"), span("b", "a")]);
    expect(tree!.find("b").spanId).toBe("b");
    expect(() => tree!.find("z")).toThrow(new Error('no span "z" in [a, b]'));
  });

  it("of no spans are none", () => {
    expect(treesOf([])).toEqual([]);
  });
});

describe("formatTrace", () => {
  it("draws one line for each span", () => {
    const spans = [
      span("GET /", undefined, {
        kind: "SERVER",
        durationMs: 12.34,
        attributes: { "http.response.status_code": 200, "faas.coldstart": true },
      }),
      span("db", "GET /", { startMs: 1, status: { code: "ERROR", message: "no" } }),
      span("query", "db", { startMs: 2 }),
      span("cache", "GET /", {
        startMs: 3,
        attributes: { "error.type": "TypeError", "faas.coldstart": false },
        status: { code: "ERROR", message: undefined },
      }),
      span("orphan", "unknown", { startMs: 4, resource: {} }),
    ];
    expect(formatTrace(treesOf(spans)[0]!)).toBe(
      [
        "trace t1",
        "├─ GET / · SERVER · shop · 12.3 ms · 200 · cold start",
        "│  ├─ db · INTERNAL · shop · 1.0 ms · ERROR no",
        "│  │  └─ query · INTERNAL · shop · 1.0 ms",
        "│  └─ cache · INTERNAL · shop · 1.0 ms · ERROR TypeError",
        "└─ orphan · INTERNAL · 1.0 ms",
      ].join("\n"),
    );
  });

  test.each([undefined, ""])("says no more than ERROR where the message is %j", (message) => {
    const [tree] = treesOf([span("a", undefined, { status: { code: "ERROR", message } })]);
    expect(formatTrace(tree!)).toBe("trace t1\n└─ a · INTERNAL · shop · 1.0 ms · ERROR");
  });
});
