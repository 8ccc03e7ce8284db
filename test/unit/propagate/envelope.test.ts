import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it, test } from "vitest";
import { open, seal } from "../../../src/propagate/envelope.ts";

const FIELDS = { traceparent: "00-x", baggage: "a=b" };

describe("an envelope", () => {
  it("is a plain object with what was carried, its version and the body", () => {
    expect(seal(FIELDS, { item: 1 })).toEqual({
      traceparent: "00-x",
      baggage: "a=b",
      edgespan: 1,
      body: { item: 1 },
    });
  });

  it("keeps its form where a propagator writes fields of the same names", () => {
    expect(open(seal({ edgespan: "2", body: "no", b3: "x" }, "yes"))).toEqual({
      fields: { b3: "x" },
      body: "yes",
    });
  });

  it("opens to the body that was sealed, through JSON too, whatever it is", () => {
    assert(
      property(jsonValue(), (body) => {
        const json = JSON.parse(JSON.stringify(body)) as unknown;
        const sent: unknown = JSON.parse(JSON.stringify(seal(FIELDS, body)));
        expect(open(sent)).toEqual({ fields: FIELDS, body: json });
      }),
    );
  });

  it("of an envelope opens to that envelope", () => {
    const inner = seal(FIELDS, 1);
    expect(open(seal(FIELDS, inner))?.body).toBe(inner);
  });
});

describe("what is no envelope is not opened", () => {
  class Alike {
    edgespan = 1;
    traceparent = "00-x";
    body = 1;
  }
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["text", '{"edgespan":1,"traceparent":"00-x","body":1}'],
    ["a list", Object.assign([], { edgespan: 1, traceparent: "00-x", body: 1 })],
    ["an instance of a class", new Alike()],
    ["an object without a prototype", Object.assign(Object.create(null), new Alike())],
    ["a Map", new Map<string, unknown>([["edgespan", 1]])],
    ["no body of its own", Object.create({ edgespan: 1, traceparent: "00-x", body: 1 })],
    ["no body", { edgespan: 1, traceparent: "00-x" }],
    ["no version", { traceparent: "00-x", body: 1 }],
    ["a later version", { edgespan: 2, traceparent: "00-x", body: 1 }],
    ["a version that is text", { edgespan: "1", traceparent: "00-x", body: 1 }],
    ["nothing carried", { edgespan: 1, body: 1 }],
    ["more than text carried", { edgespan: 1, traceparent: "00-x", count: 1, body: 1 }],
  ])("%s", (_what, body) => {
    expect(open(body)).toBeUndefined();
  });

  it("nor anything else that JSON can hold", () => {
    assert(
      property(jsonValue(), (body) => {
        expect(open(body)).toBeUndefined();
      }),
    );
  });
});
