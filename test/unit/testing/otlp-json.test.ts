import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  createTraceState,
  trace,
} from "@opentelemetry/api";
import { describe, expect, it, test } from "vitest";
import { encodeJson } from "../../../src/encode/json.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { type CollectedSpan, decodeOtlpJson } from "../../../src/testing/otlp-json.ts";
import { scopeWith } from "../tracing.ts";

const START_MS = Date.UTC(2026, 0, 1);
const remote = {
  traceId: "1".repeat(32),
  spanId: "2".repeat(16),
  traceFlags: 1,
  traceState: createTraceState("a=1"),
};
const context = trace.setSpanContext(ROOT_CONTEXT, remote);

describe("decodeOtlpJson", () => {
  it("reads a span back as it was recorded", () => {
    const clock = createManualClock(START_MS);
    const scope = scopeWith({
      clock,
      ids: { generateTraceId: () => "", generateSpanId: () => "3".repeat(16) },
    });
    const span = startSpan(scope, OWN, "work", { kind: SpanKind.CONSUMER }, context);
    span.setAttributes({ t: "x", n: 1, f: 1.5, b: false, l: ["a", 1], o: { k: [true] } });
    span.addEvent("e", { n: 2 }).addLink({ context: remote, attributes: { l: true } });
    span.setStatus({ code: SpanStatusCode.ERROR, message: "no" });
    clock.advance(12.345);
    span.end();
    expect(decode(scope.take())).toEqual([
      {
        traceId: remote.traceId,
        spanId: "3".repeat(16),
        parentSpanId: remote.spanId,
        traceState: "a=1",
        name: "work",
        kind: "CONSUMER",
        startMs: START_MS,
        durationMs: expect.closeTo(12.345, 2),
        attributes: { t: "x", n: 1, f: 1.5, b: false, l: ["a", 1], o: { k: [true] } },
        events: [{ name: "e", attributes: { n: 2 } }],
        links: [{ traceId: remote.traceId, spanId: remote.spanId, attributes: { l: true } }],
        status: { code: "ERROR", message: "no" },
        resource: { "service.name": "test" },
        scope: "edgespan",
      },
    ]);
  });

  test.each([
    [SpanKind.INTERNAL, "INTERNAL"],
    [SpanKind.SERVER, "SERVER"],
    [SpanKind.CLIENT, "CLIENT"],
    [SpanKind.PRODUCER, "PRODUCER"],
    [SpanKind.CONSUMER, "CONSUMER"],
  ])("names the kind %i %s", (kind, name) => {
    const scope = scopeWith();
    startSpan(scope, OWN, "work", { kind }, ROOT_CONTEXT).end();
    expect(decode(scope.take()).map((span) => span.kind)).toEqual([name]);
  });

  it("reads a span without parent, state and message as undefined there", () => {
    const scope = scopeWith();
    startSpan(scope, OWN, "work", {}, ROOT_CONTEXT).setStatus({ code: SpanStatusCode.OK }).end();
    const [span] = decode(scope.take());
    expect([span!.parentSpanId, span!.traceState, span!.status]).toEqual([
      undefined,
      undefined,
      { code: "OK", message: undefined },
    ]);
  });

  it("throws for what is no OTLP JSON", () => {
    expect(() => decodeOtlpJson("{}")).toThrow(TypeError);
    expect(() => decodeOtlpJson("no")).toThrow(SyntaxError);
  });
});

function decode(spans: Parameters<typeof encodeJson>[0]): CollectedSpan[] {
  return decodeOtlpJson(new TextDecoder().decode(encodeJson(spans)));
}
