/** Where the official propagators read or write something else, and what the specifications say of it. */
import { ROOT_CONTEXT, type TextMapPropagator, trace } from "@opentelemetry/api";
import { W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { describe, expect, it } from "vitest";
import { baggagePropagator } from "../../../src/propagate/baggage.ts";
import { traceContextPropagator } from "../../../src/propagate/trace-context.ts";
import { type Carrier, taken } from "./taken.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

describe("what is known to differ", () => {
  const both = (
    ours: TextMapPropagator<unknown>,
    official: TextMapPropagator<unknown>,
    carrier: Carrier,
  ): [object, object] => [taken(ours, carrier), taken(official, carrier)];
  const state = (tracestate: string): [object, object] =>
    both(traceContextPropagator, new W3CTraceContextPropagator(), {
      traceparent: `00-${TRACE}-${SPAN}-01`,
      tracestate,
    });
  const bag = (baggage: string): [object, object] =>
    both(baggagePropagator, new W3CBaggagePropagator(), { baggage });

  it("a tracestate of which a member is wrong: TC2 3.3 discards it whole", () => {
    expect(state("a=1,B=2")).toMatchObject([{ traceState: undefined }, { traceState: "a=1" }]);
  });

  it("a tracestate of more than 512 characters: TC2 3.3.1.5 asks for at least as many", () => {
    const one = `a=${"x".repeat(256)}`;
    const long = `${one},b=${"x".repeat(256)}`;
    expect(state(long)).toMatchObject([{ traceState: long }, { traceState: one }]);
  });

  it("a key of tracestate that begins with a digit: TC2 3.3.1.3.1 allows it", () => {
    expect(state("1a=1")).toMatchObject([{ traceState: "1a=1" }, { traceState: undefined }]);
  });

  it("a percent sign in a key of baggage: B 3.3.1.2 decodes values alone", () => {
    expect(bag("a%20b=1")).toMatchObject([
      { baggage: [["a%20b", "1", undefined]] },
      { baggage: [["a b", "1", undefined]] },
    ]);
  });

  it("white space around properties of baggage: B 3.3.1.4 does not count it", () => {
    expect(bag("a=1 ; p ,b=2")).toMatchObject([
      {
        baggage: [
          ["a", "1", "p"],
          ["b", "2", undefined],
        ],
      },
      {
        baggage: [
          ["a", "1", " p "],
          ["b", "2", undefined],
        ],
      },
    ]);
  });

  it("two entries of a key in tracestate: TC2 3.3.1.4 has the latest on the left", () => {
    expect(state("a=1,b=2,a=3")).toMatchObject([
      { traceState: "a=1,b=2" },
      { traceState: expect.stringContaining("a=3") as string },
    ]);
  });

  it("octets of baggage that are no UTF-8: B 3.3.1.3 replaces them", () => {
    expect(bag("a=%C3,b=2")).toMatchObject([
      {
        baggage: [
          ["a", "\ufffd", undefined],
          ["b", "2", undefined],
        ],
      },
      { baggage: [["b", "2", undefined]] },
    ]);
  });

  it("an empty value of baggage: B 3.3.1.3 allows it", () => {
    expect(bag("a=,b=2")).toMatchObject([
      {
        baggage: [
          ["a", "", undefined],
          ["b", "2", undefined],
        ],
      },
      { baggage: [["b", "2", undefined]] },
    ]);
  });

  it("flags beyond the first four: they are two digits on the wire", () => {
    const context = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 0xff,
    });
    const written = [traceContextPropagator, new W3CTraceContextPropagator()].map((propagator) => {
      const headers: Carrier = {};
      propagator.inject(context, headers, {
        set: (_carrier, name, value) => (headers[name] = value),
      });
      return headers.traceparent?.slice(-4);
    });
    expect(written).toEqual(["1-ff", "-0ff"]);
  });
});
