import { type Span, SpanKind, SpanStatusCode, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { describe, expect, it, test } from "vitest";
import { activeContext, runInFrame } from "../../../src/trace/active.ts";
import { runSpan, span } from "../../../src/trace/span.ts";
import { heardBy, invocation, loggingProcessor, names, scopeWith } from "../tracing.ts";

const VALUES: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["text", "text"],
  ["a symbol", Symbol("s")],
  ["NaN", Number.NaN],
  ["an error", new Error("no")],
  ["an object without prototype", Object.create(null)],
  [
    "a hostile proxy",
    new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => {
          throw new Error("a trap");
        },
      },
    ),
  ],
  ["a function", () => {}],
];

describe.each(VALUES)("%s", (_, value) => {
  it("returned by the work is returned", () => {
    const scope = scopeWith();
    const result = invocation(() => span("work", () => value), scope);
    expect(Object.is(result, value)).toBe(true);
    expect(names(scope.take())).toEqual(["work"]);
  });

  it("resolved by the work is resolved", async () => {
    const scope = scopeWith();
    const result = await invocation(() => span("work", async () => value), scope);
    expect(Object.is(result, value)).toBe(true);
    expect(names(scope.take())).toEqual(["work"]);
  });

  it("thrown by the work is thrown, and recorded", () => {
    const scope = scopeWith();
    const thrown = caught(() =>
      invocation(
        () =>
          span("work", () => {
            throw value;
          }),
        scope,
      ),
    );
    expect(Object.is(thrown, value)).toBe(true);
    expect(scope.take().map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR]);
  });

  it("rejected by the work is rejected, and recorded", async () => {
    const scope = scopeWith();
    // oxlint-disable-next-line prefer-promise-reject-errors -- any value may be a reason
    const work = invocation(() => span("work", () => Promise.reject(value)), scope);
    const reason: unknown = await work.then(
      () => "resolved",
      (error: unknown) => error,
    );
    expect(Object.is(reason, value)).toBe(true);
    expect(scope.take().map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR]);
  });
});

function caught(fn: () => unknown): unknown {
  try {
    return fn();
  } catch (error) {
    return error;
  }
}

describe("span()", () => {
  it("records name, attributes and parent, and is active in all that it awaits", async () => {
    const scope = scopeWith();
    await invocation(
      () =>
        span("outer", { a: 1 }, async (outer) => {
          await Promise.resolve();
          expect(trace.getSpan(activeContext())).toBe(outer);
          await span("inner", async () => {});
          outer.setAttribute("b", 2);
        }),
      scope,
    );
    const [outer, inner] = scope.take();
    expect([outer, inner]).toMatchObject([
      { name: "outer", kind: SpanKind.INTERNAL, attributes: { a: 1, b: 2 } },
      { name: "inner", kind: SpanKind.INTERNAL, attributes: {} },
    ]);
    expect(inner!.parentSpanContext).toBe(outer!.spanContext());
    expect(outer!.parentSpanContext).toBeUndefined();
  });

  it("ends with the work and not before", async () => {
    const scope = scopeWith();
    const work = Promise.withResolvers<void>();
    const done = invocation(() => span("work", () => work.promise), scope);
    const before = names(scope.take());
    work.resolve();
    await done;
    expect([before, names(scope.take())]).toEqual([[], ["work"]]);
  });

  it("keeps a subclass of Promise and its value", async () => {
    class Query<T> extends Promise<T> {}
    const query = invocation(() => span("work", () => Query.resolve(7)));
    expect([query instanceof Query, await query]).toEqual([true, 7]);
  });

  it("neither starts a lazy thenable nor replaces it", () => {
    let started = 0;
    // oxlint-disable-next-line unicorn/no-thenable -- query builders are lazy thenables
    const lazy = { then: () => void started++ };
    const result = invocation(() => span("work", () => lazy));
    expect([result === lazy, started]).toEqual([true, 0]);
  });

  it("outside of an invocation runs the work with a span that records nothing", () => {
    const seen = span("work", { a: 1 }, (active: Span) => [
      active.isRecording(),
      active.spanContext(),
    ]);
    expect(seen).toEqual([
      false,
      { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 },
    ]);
  });

  it("outside of an invocation carries on the active span's context", () => {
    const parent = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    const context = trace.setSpanContext(ROOT_CONTEXT, parent);
    const seen = runInFrame({ context, scope: undefined }, () =>
      span("work", (active) => active.spanContext()),
    );
    expect(seen).toEqual(parent);
  });

  test.each([
    ["no function", ["work"]],
    ["attributes alone", ["work", { a: 1 }]],
    ["a wrong last argument", ["work", { a: 1 }, "no"]],
    ["null", ["work", null]],
  ])("with %s throws a TypeError that says so, and starts no span", (_, args) => {
    const started: string[] = [];
    const scope = scopeWith(heardBy(loggingProcessor(started)));
    expect(() => invocation(() => Reflect.apply(span, undefined, args), scope)).toThrow(
      new TypeError('span("work") needs a function as its last argument'),
    );
    expect(started).toEqual([]);
  });
});

describe("runSpan()", () => {
  it("tells the result before the span ends, and survives a fault in that", async () => {
    const scope = scopeWith();
    const onResult = (active: Span, result: number): void => {
      active.setAttribute("result", result);
      throw new Error("a fault");
    };
    const result = await invocation(() => runSpan("work", { onResult }, async () => 7), scope);
    expect([result, scope.take().map(({ attributes }) => attributes)]).toEqual([
      7,
      [{ result: 7 }],
    ]);
  });

  it("may be given a kind, and is a child of what is active", () => {
    const scope = scopeWith();
    const parent = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    const frame = { context: trace.setSpanContext(ROOT_CONTEXT, parent), scope };
    runInFrame(frame, () => runSpan("work", { kind: SpanKind.CLIENT }, () => {}));
    expect(scope.take()).toMatchObject([{ kind: SpanKind.CLIENT, parentSpanContext: parent }]);
  });
});
