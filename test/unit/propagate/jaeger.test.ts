import {
  ROOT_CONTEXT,
  type SpanContext,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  trace,
} from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { describe, expect, it, test } from "vitest";
import { jaeger } from "../../../src/propagate/jaeger.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

function parentOf(value: string | string[]): SpanContext | undefined {
  const carrier = { "uber-trace-id": value };
  return trace.getSpanContext(jaeger.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
}

function baggageOf(carrier: Record<string, string>): Record<string, string> {
  const context = jaeger.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
  const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
  return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
}

describe("uber-trace-id", () => {
  const parent = { traceId: TRACE, spanId: SPAN, isRemote: true };
  test.each<[string, string | string[], object]>([
    ["sampled", `${TRACE}:${SPAN}:0:1`, { ...parent, traceFlags: 1 }],
    ["not sampled", `${TRACE}:${SPAN}:0:0`, { ...parent, traceFlags: 0 }],
    ["debug, which implies sampled", `${TRACE}:${SPAN}:0:03`, { ...parent, traceFlags: 1 }],
    ["firehose alone, which does not", `${TRACE}:${SPAN}:0:8`, { ...parent, traceFlags: 0 }],
    ["with a parent", `${TRACE}:${SPAN}:${SPAN}:1`, { ...parent, traceFlags: 1 }],
    ["in upper case", `${TRACE}:${SPAN}:0:1`.toUpperCase(), { ...parent, traceFlags: 1 }],
    ["percent-encoded", `${TRACE}%3A${SPAN}%3a0%3A1`, { ...parent, traceFlags: 1 }],
    ["the first of several", [`${TRACE}:${SPAN}:0:1`, "x"], { ...parent, traceFlags: 1 }],
    [
      "without leading zeros",
      "abc:1:0:1",
      { ...parent, traceId: "abc".padStart(32, "0"), spanId: "1".padStart(16, "0"), traceFlags: 1 },
    ],
  ])("is read: %s", (_, value, expected) => {
    expect(parentOf(value)).toEqual(expected);
  });

  test.each([
    "",
    "x",
    `${TRACE}:${SPAN}:0`,
    `${TRACE}:${SPAN}:0:1:1`,
    `${TRACE}:${SPAN}:0:`,
    `${TRACE}:${SPAN}:0:111`,
    `${TRACE}0:${SPAN}:0:1`,
    `${TRACE}:${SPAN}0:0:1`,
    `0:${SPAN}:0:1`,
    `${TRACE}:0:0:1`,
    `${TRACE}:${SPAN}:0:1`.replace("b7", "g7"),
    "a".repeat(10_000_000),
    ":".repeat(10_000_000),
  ])("that is none begins a new trace", (value) => {
    expect(parentOf(value)).toBeUndefined();
  });
});

describe("uberctx- headers", () => {
  it("are members of baggage", () => {
    expect(
      baggageOf({ "uberctx-user": "Zo%C3%AB", "Uberctx-Cart": "42", "uberctx-": "0" }),
    ).toEqual({
      user: "Zoë",
      Cart: "42",
    });
  });

  it("that are no percent-encoding are left out", () => {
    expect(baggageOf({ "uberctx-a": "%zz", "uberctx-b": "1" })).toEqual({ b: "1" });
  });

  it("are read within the limits of baggage", () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`uberctx-k${at}`, "1"]),
    );
    expect(Object.keys(baggageOf(many))).toHaveLength(180);
    expect(baggageOf({ "uberctx-a": "1", "uberctx-b": "x".repeat(8_192) })).toEqual({ a: "1" });
  });
});

describe("injected are", () => {
  const context = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE,
    spanId: SPAN,
    traceFlags: 3,
  });
  const injected = (within = context): Record<string, string> => {
    const carrier = {};
    jaeger.inject(within, carrier, defaultTextMapSetter);
    return carrier;
  };
  const withBaggage = (members: Record<string, string>): Record<string, string> => {
    const entries = Object.entries(members).map(([key, value]) => [key, { value }] as const);
    const baggage = propagation.createBaggage(Object.fromEntries(entries));
    return injected(propagation.setBaggage(context, baggage));
  };
  const traceId = { "uber-trace-id": `${TRACE}:${SPAN}:0:1` };

  it("the trace and its baggage", () => {
    expect(withBaggage({ user: "Zoë; \ud800" })).toEqual({
      ...traceId,
      "uberctx-user": "Zo%C3%AB%3B%20%EF%BF%BD",
    });
  });

  it("no member whose key is no part of a header's name, nor one beyond the limits", () => {
    expect(withBaggage({ "a b": "1", "c\r\nd": "2", é: "3" })).toEqual(traceId);
    expect(withBaggage({ a: "1", b: "x".repeat(8_192) })).toEqual({ ...traceId, "uberctx-a": "1" });
  });

  it("nothing where there is no span, and nothing of what is suppressed", () => {
    expect([injected(ROOT_CONTEXT), injected(suppressTracing(context))]).toEqual([{}, {}]);
  });
});
