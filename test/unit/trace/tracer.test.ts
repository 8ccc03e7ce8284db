import { createRequire } from "node:module";
import type * as Api from "@opentelemetry/api";
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  context as contextApi,
  createContextKey,
  propagation,
  trace,
} from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test, vi } from "vitest";
import { BUILT_IN_PROPAGATORS } from "../../../src/propagate/propagator.ts";
import { never } from "../../../src/sample/always.ts";
import { registerApi } from "../../../src/trace/register.ts";
import { invocation, names, scopeWith } from "../tracing.ts";

registerApi();
const tracer = trace.getTracer("library", "1.2.3");
const remote = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1, isRemote: true };
const KEY = createContextKey("key");
const underRemote = trace.setSpanContext(ROOT_CONTEXT, remote);

describe("trace.getTracer() of @opentelemetry/api", () => {
  it("records into the running invocation, under the library's own scope", () => {
    const scope = scopeWith();
    invocation(() => tracer.startSpan("work", { kind: SpanKind.CLIENT }).end(), scope);
    expect(scope.take()).toMatchObject([
      {
        name: "work",
        kind: SpanKind.CLIENT,
        instrumentationScope: { name: "library", version: "1.2.3" },
      },
    ]);
  });

  it("keeps a schema URL", () => {
    const scope = scopeWith();
    const options = { schemaUrl: "https://schema" };
    const withSchema = trace.getTracerProvider().getTracer("library", undefined, options);
    invocation(() => withSchema.startSpan("work").end(), scope);
    expect(scope.take()[0]!.instrumentationScope).toEqual({ name: "library", ...options });
  });

  it("serves a tracer that was made before any invocation, in each invocation by itself", () => {
    const scopes = [scopeWith(), scopeWith()];
    const recorded = scopes.map((scope, index) => {
      invocation(() => tracer.startSpan(`work ${index}`).end(), scope);
      return names(scope.take());
    });
    expect(recorded).toEqual([["work 0"], ["work 1"]]);
  });

  it("outside of any invocation records nothing", () => {
    expect(tracer.startSpan("work").isRecording()).toBe(false);
  });
});

describe("startActiveSpan()", () => {
  type Overload = (fn: (span: Span) => unknown) => unknown;
  test.each<[string, Overload, Partial<ReadableSpan>]>([
    ["(name, fn)", (fn) => tracer.startActiveSpan("work", fn), { attributes: {} }],
    [
      "(name, options, fn)",
      (fn) => tracer.startActiveSpan("work", { attributes: { a: 1 } }, fn),
      { attributes: { a: 1 } },
    ],
    [
      "(name, options, context, fn)",
      (fn) => tracer.startActiveSpan("work", { attributes: { a: 1 } }, underRemote, fn),
      { attributes: { a: 1 }, parentSpanContext: remote },
    ],
    [
      "(name, undefined, undefined, fn)",
      (fn) => tracer.startActiveSpan("work", undefined as never, undefined as never, fn),
      { attributes: {} },
    ],
  ])("%s makes the span active and hands back the result", (_, start, expected) => {
    const scope = scopeWith();
    const result = invocation(
      () => [
        start((span) => {
          const seen = trace.getActiveSpan() === span;
          span.end();
          return seen;
        }),
        trace.getActiveSpan(),
      ],
      scope,
    );
    expect(result).toEqual([true, undefined]);
    expect(scope.take()).toMatchObject([{ name: "work", ...expected }]);
  });

  it("stays active across await, and leaves the end to the caller", async () => {
    const scope = scopeWith();
    const [span, seen] = await invocation(
      () =>
        tracer.startActiveSpan("work", async (active) => {
          await Promise.resolve();
          return [active, trace.getActiveSpan() === active] as const;
        }),
      scope,
    );
    const before = names(scope.take());
    span.end();
    expect([seen, before, names(scope.take())]).toEqual([true, [], ["work"]]);
  });

  test.each<[string, (fn: () => unknown) => unknown]>([
    ["outside of any invocation", (fn) => fn()],
    ["below a span that was dropped", (fn) => invocation(fn, scopeWith({ sampler: never }))],
  ])("%s leaves active what was, and enters a context that it is given", (_, run) => {
    const dropped = trace.setSpanContext(ROOT_CONTEXT, {
      ...remote,
      traceFlags: 0,
      isRemote: false,
    });
    const seen = (): unknown => [
      contextApi.active().getValue(KEY),
      trace.getActiveSpan()?.spanContext().spanId,
    ];
    const results = run(() =>
      contextApi.with(dropped.setValue(KEY, "active"), () => [
        tracer.startActiveSpan("work", () => seen()),
        tracer.startActiveSpan("work", {}, dropped.setValue(KEY, "given"), () => seen()),
      ]),
    );
    expect(results).toEqual([
      ["active", remote.spanId],
      ["given", remote.spanId],
    ]);
  });

  it("hands on what the function throws", () => {
    const error = new Error("no");
    expect(() =>
      invocation(() =>
        tracer.startActiveSpan("work", () => {
          throw error;
        }),
      ),
    ).toThrow(error);
  });
});

describe("a span's parent", () => {
  test.each<[string, Context, boolean, string | undefined]>([
    ["is the one of the context", underRemote, false, remote.spanId],
    ["is none with root: true", underRemote, true, undefined],
    ["is none without a span in the context", ROOT_CONTEXT, false, undefined],
    [
      "is none where its context is invalid",
      trace.setSpanContext(ROOT_CONTEXT, { ...remote, traceId: "0".repeat(32) }),
      false,
      undefined,
    ],
  ])("%s", (_, context, root, spanId) => {
    const scope = scopeWith();
    invocation(() => tracer.startSpan("work", { root }, context).end(), scope);
    const [span] = scope.take();
    expect(span!.parentSpanContext?.spanId).toBe(spanId);
    expect(span!.spanContext().traceId === remote.traceId).toBe(spanId !== undefined);
  });
});

it("suppressed tracing records nothing, and inside a suppressed context neither", () => {
  const scope = scopeWith();
  invocation(() => {
    const span = tracer.startSpan("direct", {}, suppressTracing(ROOT_CONTEXT));
    span.end();
    contextApi.with(suppressTracing(contextApi.active()), () =>
      tracer.startActiveSpan("within", (active) => active.end()),
    );
    tracer.startSpan("after").end();
  }, scope);
  expect(names(scope.take())).toEqual(["after"]);
});

it("propagation.inject() uses the propagator of the invocation, and outside of any none", () => {
  const propagator = BUILT_IN_PROPAGATORS.tracecontext!;
  const scope = scopeWith({ propagator });
  const inject = (): object => {
    const carrier = {};
    propagation.inject(underRemote, carrier);
    return carrier;
  };
  expect([
    invocation(inject, scope),
    inject(),
    invocation(() => propagation.fields(), scope),
  ]).toEqual([
    { traceparent: `00-${remote.traceId}-${remote.spanId}-01` },
    {},
    ["traceparent", "tracestate"],
  ]);
});

it("another copy of the API finds context, propagator and baggage, and ours finds its", () => {
  // The CommonJS build is a copy of its own.
  const other = createRequire(import.meta.url)("@opentelemetry/api") as typeof Api;
  expect(other.propagation).not.toBe(propagation);
  const propagator = BUILT_IN_PROPAGATORS.baggage!;
  const seen = invocation(() => {
    const extracted = other.propagation.extract(ROOT_CONTEXT, { baggage: "a=1;p=q" });
    const more = other.propagation.getBaggage(extracted)!.setEntry("b", { value: "2" });
    const metadata = other.baggageEntryMetadataFromString("x=y");
    const own = other.propagation.createBaggage({ c: { value: "3", metadata } });
    return [more, own].map((baggage) => {
      const carrier = {};
      contextApi.with(other.propagation.setBaggage(ROOT_CONTEXT, baggage), () =>
        other.propagation.inject(other.context.active(), carrier),
      );
      return carrier;
    });
  }, scopeWith({ propagator }));
  expect(seen).toEqual([{ baggage: "a=1;p=q,b=2" }, { baggage: "c=3;x=y" }]);
});

it("a provider that was registered before keeps its place, and one warning says so", async () => {
  vi.resetModules();
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const { registerApi: again } = await import("../../../src/trace/register.ts");
  again();
  again();
  expect(warned.mock.calls.flat().filter((text) => String(text).startsWith("edgespan"))).toEqual([
    expect.stringMatching(
      /^edgespan: another tracer provider, or copy of edgespan, .*use span\(\) of edgespan$/,
    ),
  ]);
  warned.mockRestore();
});
