import {
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  context,
  createContextKey,
  propagation,
  trace,
} from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { span } from "edgespan";
import { describe, expect, inject, test } from "vitest";
import { request, sleep, traced } from "./invoke.ts";

const base = inject("echo");
const KEY = createContextKey("test");
/** Taken before anything is registered, as libraries do. */
const early = trace.getTracer("library", "1.2.3");

describe("trace", () => {
  test("records the spans of any tracer below the active span", async () => {
    const { root, spans } = await traced(() => {
      const parent = trace.getTracer("app").startSpan("manual", {
        kind: SpanKind.PRODUCER,
        attributes: { a: 1 },
        links: [{ context: { traceId: "c".repeat(32), spanId: "d".repeat(16), traceFlags: 1 } }],
      });
      parent.setAttributes({ b: ["x", "y"], c: true }).addEvent("step", { n: 1 });
      parent.setStatus({ code: SpanStatusCode.ERROR, message: "no" }).updateName("renamed");
      parent.recordException(new RangeError("out"));
      parent.end();
    });
    expect(spans).toMatchObject([
      {
        traceId: root.traceId,
        parentSpanId: root.spanId,
        name: "renamed",
        kind: "PRODUCER",
        attributes: { a: 1, b: ["x", "y"], c: true },
        links: [{ traceId: "c".repeat(32), spanId: "d".repeat(16) }],
        events: [
          { name: "step", attributes: { n: 1 } },
          { name: "exception", attributes: { "exception.type": "RangeError" } },
        ],
        status: { code: "ERROR", message: "no" },
        scope: "app",
      },
    ]);
  });

  test("serves a tracer that was taken before instrument()", async () => {
    const { spans } = await traced(() => early.startSpan("early").end());
    expect(spans).toMatchObject([{ name: "early", scope: "library" }]);
  });

  test("keeps the span of startActiveSpan active across await, in all three forms", async () => {
    const tracer = trace.getTracer("app");
    const inner = async (active: Span): Promise<boolean> => {
      await sleep(1);
      const same = trace.getActiveSpan() === active;
      tracer.startSpan(`child of ${active.spanContext().spanId}`).end();
      active.end();
      return same;
    };
    const { value, root, spans } = await traced(async () => [
      await tracer.startActiveSpan("one", inner),
      await tracer.startActiveSpan("two", { attributes: { a: 1 } }, inner),
      await tracer.startActiveSpan("three", {}, ROOT_CONTEXT, inner),
    ]);
    expect(value).toEqual([true, true, true]);
    const named = (name: string) => spans.find((one) => one.name === name);
    for (const name of ["one", "two", "three"]) {
      const active = named(name);
      expect(named(`child of ${active?.spanId}`)?.parentSpanId).toBe(active?.spanId);
    }
    expect(named("one")?.traceId).toBe(root.traceId);
    expect(named("three")?.parentSpanId).toBeUndefined();
  });

  test("mixes with span() and with fetch in one tree", async () => {
    const { root, spans } = await traced(() =>
      span("outer", () =>
        trace.getTracer("app").startActiveSpan("middle", async (active) => {
          await (await fetch(base)).text();
          active.end();
        }),
      ),
    );
    const byName = Object.fromEntries(spans.map((one) => [one.name, one]));
    expect(byName["outer"]?.parentSpanId).toBe(root.spanId);
    expect(byName["middle"]?.parentSpanId).toBe(byName["outer"]?.spanId);
    expect(byName["GET"]?.parentSpanId).toBe(byName["middle"]?.spanId);
  });

  test("gives the server span to whoever asks for the active one", async () => {
    const { root } = await traced(() => trace.getActiveSpan()?.setAttribute("user.id", "7"));
    expect(root.attributes).toMatchObject({ "user.id": "7" });
  });

  test("records nothing outside of an invocation, and breaks nothing there", async () => {
    await traced(() => {});
    const started = trace.getTracer("app").startSpan("nowhere");
    expect(started.isRecording()).toBe(false);
    started.setAttribute("a", 1).end();
    expect(trace.getActiveSpan()).toBeUndefined();
    expect(span("nowhere", () => "result")).toBe("result");
  });
});

describe("context", () => {
  test("with() carries values across await and restores what was active", async () => {
    const { value } = await traced(async () => {
      const before = context.active();
      const seen = await context.with(before.setValue(KEY, "inner"), async () => {
        await sleep(1);
        return context.active().getValue(KEY);
      });
      return [seen, context.active().getValue(KEY), context.active() === before];
    });
    expect(value).toEqual(["inner", undefined, true]);
  });

  test("with() hands on receiver, arguments, result and errors", async () => {
    const error = new Error("same");
    const receiver = {};
    const { value } = await traced(() => [
      context.with(
        ROOT_CONTEXT,
        function (this: unknown, a: number, b: number) {
          return [this === receiver, a, b];
        },
        receiver,
        1,
        2,
      ),
      caught(() =>
        context.with(ROOT_CONTEXT, () => {
          throw error;
        }),
      ),
    ]);
    expect(value).toEqual([[true, 1, 2], error]);
    expect(value[1]).toBe(error);
  });

  test("bind() keeps a context for a callback of later, with its receiver and length", async () => {
    const { value } = await traced(() => {
      const holder = {
        read: context.bind(
          context.active().setValue(KEY, "bound"),
          function (this: unknown, a: string) {
            return [this === holder, a, context.active().getValue(KEY)];
          },
        ),
      };
      return holder;
    });
    expect(value.read.length).toBe(1);
    expect(value.read("later")).toEqual([true, "later", "bound"]);
  });

  test("a span below ROOT_CONTEXT begins a trace of its own and is exported", async () => {
    const { root, spans } = await traced(() =>
      context.with(ROOT_CONTEXT, () => trace.getTracer("app").startSpan("apart").end()),
    );
    expect(spans).toMatchObject([{ name: "apart", parentSpanId: undefined }]);
    expect(spans[0]?.traceId).not.toBe(root.traceId);
  });

  test("suppressTracing() makes no spans and carries no context outward", async () => {
    const { value, spans } = await traced(() =>
      context.with(suppressTracing(context.active()), async () => {
        trace.getTracer("app").startSpan("hidden").end();
        await span("hidden too", () => sleep(1));
        return (await fetch(base)).text();
      }),
    );
    expect(spans).toEqual([]);
    expect(value).not.toContain("traceparent");
  });

  function caught(run: () => unknown): unknown {
    try {
      return run();
    } catch (error) {
      return error;
    }
  }
});

describe("propagation", () => {
  const sent = request("/", {
    headers: {
      traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
      tracestate: "a=1",
      baggage: "user=7;meta=x,tenant=9",
    },
  });

  test("injects the active context into Headers and into plain objects", async () => {
    const { root, value } = await traced(
      () => {
        const headers = new Headers();
        const plain: Record<string, string> = {};
        propagation.inject(context.active(), headers, {
          set: (carrier, name, text) => carrier.set(name, text),
        });
        propagation.inject(context.active(), plain);
        return { headers: Object.fromEntries(headers), plain };
      },
      { request: sent },
    );
    const expected = {
      traceparent: `00-${root.traceId}-${root.spanId}-01`,
      tracestate: "a=1",
      baggage: "user=7;meta=x,tenant=9",
    };
    expect(value).toEqual({ headers: expected, plain: expected });
  });

  test("extracts a carrier, and what it says can be made the parent", async () => {
    const { spans } = await traced(() => {
      const carrier = { traceparent: `00-${"e".repeat(32)}-${"f".repeat(16)}-01` };
      const extracted = propagation.extract(ROOT_CONTEXT, carrier);
      trace.getTracer("app").startSpan("message", {}, extracted).end();
    });
    expect(spans).toMatchObject([
      { name: "message", traceId: "e".repeat(32), parentSpanId: "f".repeat(16) },
    ]);
  });

  test("reads the caller's baggage and carries what is added to it", async () => {
    const { value } = await traced(
      async () => {
        const baggage = propagation.getActiveBaggage();
        const read = baggage?.getAllEntries().map(([key, entry]) => [key, entry.value]);
        const more = (baggage ?? propagation.createBaggage()).setEntry("cart", { value: "3" });
        const active = propagation.setBaggage(context.active(), more);
        const echoed = await context.with(active, async () => (await fetch(base)).text());
        return { read, echoed };
      },
      { request: sent },
    );
    expect(value.read).toEqual([
      ["user", "7"],
      ["tenant", "9"],
    ]);
    expect(value.echoed).toContain('"user=7;meta=x,tenant=9,cart=3"');
  });
});
