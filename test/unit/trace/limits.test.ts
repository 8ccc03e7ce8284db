/** What one invocation may hold, so that no handler exhausts the memory of its isolate. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Attributes, type Context, ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import { describe, expect, it, test } from "vitest";
import { activeContext } from "../../../src/trace/active.ts";
import { contextWith } from "../../../src/trace/context.ts";
import type { RecordingSpan } from "../../../src/trace/recording-span.ts";
import type { Scope } from "../../../src/trace/scope.ts";
import { span as inSpan } from "../../../src/trace/span.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { counters } from "../../../src/trace/stats.ts";
import { tracerProvider } from "../../../src/trace/tracer.ts";
import type { Limits } from "../../../src/trace/tracing.ts";
import { LIMITS, invocation, names, scopeWith } from "../tracing.ts";

function limited(limits: Limits): { scope: Scope; root: Span; within: Context } {
  const scope = scopeWith({ limits: { ...LIMITS, ...limits } });
  const root = startSpan(scope, OWN, "root", {}, ROOT_CONTEXT);
  scope.root = root;
  return { scope, root, within: contextWith(ROOT_CONTEXT, root) };
}

const child = (scope: Scope, context: Context, attributes: Attributes = {}): Span =>
  startSpan(scope, OWN, "child", { attributes }, context);

describe("more spans than an invocation may hold", () => {
  it("are not recorded, but counted on the root span and in stats()", () => {
    const { scope, root, within } = limited({ maxSpans: 3 });
    const before = counters.overLimit;
    for (let count = 0; count < 10; count++) child(scope, within).end();
    root.end();
    const spans = scope.take();
    expect([names(spans), spans[0]?.attributes, counters.overLimit - before]).toEqual([
      ["root", "child", "child"],
      { "edgespan.dropped_spans_count": 8 },
      8,
    ]);
  });

  it("are counted on a root that has ended and waits for what goes on in the background", () => {
    const { scope, root, within } = limited({ maxSpans: 2 });
    child(scope, within);
    root.end();
    scope.root = undefined;
    child(scope, within);
    expect(scope.take()[0]?.attributes).toEqual({ "edgespan.dropped_spans_count": 1 });
  });

  it("stand for the nearest span that is recorded: what is below them belongs to it", () => {
    const { scope, root, within } = limited({ maxSpans: 1 });
    const refused = child(scope, within);
    const below = child(scope, contextWith(within, refused));
    expect([refused, below].map((one) => [one.spanContext(), one.isRecording()])).toEqual([
      [root.spanContext(), false],
      [root.spanContext(), false],
    ]);
    refused.setAttribute("of", "nobody").end();
    expect([root.isRecording(), (root as RecordingSpan).attributes]).toEqual([
      true,
      { "edgespan.dropped_spans_count": 2 },
    ]);
  });

  it("are as good as others to the application: the work runs, its result and errors are its own", () => {
    const failure = new Error("of the application's own");
    const scope = scopeWith({ limits: { ...LIMITS, maxSpans: 1 } });
    const outcome = invocation(() => {
      const open = tracerProvider.getTracer("app").startSpan("fills the invocation");
      const sum = inSpan("work", (active) => {
        active.setAttribute("key", 1).addEvent("event").recordException(failure);
        return inSpan("below", () => 20) + 22;
      });
      let thrown: unknown;
      try {
        inSpan("fails", () => {
          throw failure;
        });
      } catch (error) {
        thrown = error;
      }
      open.end();
      return [sum, thrown === failure, activeContext() === ROOT_CONTEXT];
    }, scope);
    expect(outcome).toEqual([42, true, true]);
    expect(names(scope.take())).toEqual(["fills the invocation"]);
  });

  it("is not how one counts that go as they end: an invocation may go on for ever", () => {
    const { scope, within } = limited({ maxSpans: 3 });
    const before = counters.overLimit;
    let left = 0;
    for (let count = 0; count < 5_000; count++) {
      child(scope, within, { index: count }).end();
      left += scope.take().length;
    }
    expect([left, counters.overLimit - before]).toEqual([5_000, 0]);
  });
});

describe("more bytes than an invocation may hold", () => {
  const long = "x".repeat(600);

  it("are not taken over: values are cut, events, links and further spans dropped and counted", () => {
    const { scope, root, within } = limited({ maxBytes: 1_000 });
    const open = child(scope, within, {
      first: long,
      second: long,
      third: long,
      status: 500,
      ok: false,
    });
    open.addEvent("event", { key: "value", other: 1 });
    open.addLink({ context: root.spanContext(), attributes: { key: "value" } });
    open.setAttributes({ list: [1, 2, 3], nested: { a: 1 }, route: "/orders/:id" }).end();
    child(scope, within).end();
    root.end();
    const [first, second, ...none] = scope.take();
    const { attributes, events, links } = second ?? {};
    expect([first?.attributes, attributes, events, links, none]).toEqual([
      { "edgespan.dropped_spans_count": 1 },
      {
        first: long,
        second: expect.stringMatching(/^x{300,400}$/),
        third: "x".repeat(64),
        status: 500,
        ok: false,
        list: [],
        nested: {},
        route: "/orders/:id",
      },
      [expect.objectContaining({ attributes: {}, droppedAttributesCount: 2 })],
      [expect.objectContaining({ attributes: {}, droppedAttributesCount: 1 })],
      [],
    ]);
  });

  it("hide no failure: at twice as many a span still says that it failed", () => {
    const { scope, root } = limited({ maxBytes: 1_000 });
    for (let count = 0; count < 1_000; count++) root.updateName(`${count}${long}`);
    const isRecording = root.isRecording();
    root.setAttribute("late", 1).setStatus({ code: 2, message: long }).end();
    const [span] = scope.take();
    expect([isRecording, span?.attributes, span?.status]).toEqual([false, {}, { code: 2 }]);
  });

  it("are not what a value takes that is replaced again and again", () => {
    const { scope, root } = limited({ maxBytes: 2_000 });
    for (let count = 0; count < 1_000; count++)
      root.setAttributes({ progress: count, text: `${count}${long}` });
    root.end();
    expect(scope.take()[0]?.attributes).toEqual({ progress: 999, text: `999${long}` });
  });

  it("are not what attributes take that found no room, or cannot be told", () => {
    const { scope, root } = limited({ maxBytes: 2_000, attributeCountLimit: 1 });
    root.setAttribute("kept", 1);
    for (let count = 0; count < 1_000; count++)
      root.setAttribute(`dropped ${count}`, long).setAttribute("unknown", () => long);
    root.setAttribute("kept", long).end();
    const [span] = scope.take();
    expect([span?.attributes, span?.droppedAttributesCount]).toEqual([{ kept: long }, 2_000]);
  });

  it("are counted anew for what comes when spans have left", () => {
    const { scope, within } = limited({ maxBytes: 1_000 });
    const kept = Array.from({ length: 100 }, () => {
      child(scope, within, { text: long })
        .addEvent("event", { text: "y".repeat(200) })
        .end();
      return scope.take()[0];
    });
    expect(kept.map((span) => span?.attributes)).toEqual(kept.map(() => ({ text: long })));
    expect(new Set(kept.map((span) => span?.events[0]?.attributes?.text))).toEqual(
      new Set(["y".repeat(200)]),
    );
  });
});

it("without a limit of bytes, as the configuration writes that, spans are recorded for ever", () => {
  const { scope, within } = limited({ maxBytes: 2 ** 53, attributeValueLengthLimit: 5 });
  const left = Array.from({ length: 3 }, () => {
    child(scope, within, { text: "x".repeat(9) }).end();
    return scope.take()[0]?.attributes;
  });
  expect(left).toEqual([{ text: "xxxxx" }, { text: "xxxxx" }, { text: "xxxxx" }]);
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Megabytes of the heap that `hold` leaves in use, by what it answers. */
function heldMegabytes(hold: () => unknown): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const held = hold();
  collectGarbage();
  const after = process.memoryUsage().heapUsed;
  return held ? (after - before) / 1e6 : 0;
}

/** Text that nobody else holds. */
const unique = (index: number, length: number): string =>
  String.fromCharCode(65 + (index % 26)).repeat(length) + index;

describe("with the default limits an invocation holds at most 16 MB of the heap, whatever it records", () => {
  const WORK: Record<string, (scope: Scope, within: Context) => void> = {
    "100,000 spans that stay open": (scope, within) => {
      for (let count = 0; count < 100_000; count++) child(scope, within, { count });
    },
    "10,000 texts of 100,000 characters": (scope, within) => {
      for (let count = 0; count < 10_000; count++)
        child(scope, within, { text: unique(count, 100_000) }).end();
    },
    "one span's attributes, set to long lists": (scope, within) => {
      const open = child(scope, within);
      const list = Array.from({ length: 100_000 }, (_, at) => at + 0.5);
      for (let count = 0; count < 128; count++) open.setAttribute(`list ${count}`, list);
    },
    "one span's attribute, a list of 250,000 texts": (scope, within) => {
      const list = Array.from({ length: 250_000 }, (_, at) => unique(at, 200));
      child(scope, within).setAttribute("list", list);
    },
    "one span's attributes, set to wide and deep objects": (scope, within) => {
      const open = child(scope, within);
      const keys = Array.from({ length: 20_000 }, (_, at) => [`k${at}`, { at: [at] }]);
      const wide = Object.fromEntries(keys);
      for (let count = 0; count < 20; count++) open.setAttribute(`object ${count}`, wide);
    },
    "long names of spans and events": (scope, within) => {
      for (let count = 0; count < 1_000; count++) {
        const name = unique(count, 50_000);
        startSpan(scope, OWN, name, {}, within).addEvent(unique(count, 50_001)).end();
      }
    },
    "one span's attributes, events and links, under long keys": (scope, within) => {
      const open = child(scope, within);
      const context = { ...open.spanContext() };
      for (let count = 0; count < 128; count++) {
        const key = unique(count, 1_000_000);
        // Without a prototype, or V8 keeps the key with the shapes of objects.
        const attributes = Object.create(null) as Attributes;
        attributes[key] = count;
        open.setAttribute(key, count).setAttribute("object", attributes);
        open.addEvent("event", attributes).addLink({ context, attributes });
      }
    },
    "what spans that are open are called, by events or by their failures": (scope, within) => {
      const open = Array.from({ length: 900 }, () => child(scope, within));
      for (const [at, one] of open.entries()) {
        for (let count = 0; count < 128; count++) one.addEvent(unique(count, 1_000));
        one.updateName(unique(at, 50_000)).setStatus({ code: 2, message: unique(at, 50_001) });
      }
    },
    "events and links without text": (scope, within) => {
      const open = Array.from({ length: 900 }, () => child(scope, within));
      for (const one of open)
        for (let count = 0; count < 128; count++)
          one.addEvent("event").addLink({ context: { ...one.spanContext() } });
    },
    "failures with long messages": (scope, within) => {
      for (let count = 0; count < 1_000; count++)
        child(scope, within)
          .setStatus({ code: 2, message: unique(count, 50_000) })
          .end();
    },
    "exceptions with long messages": (scope, within) => {
      const open = child(scope, within);
      for (let count = 0; count < 1_000; count++)
        open.recordException(new Error(unique(count, 20_000)));
    },
  };

  test.each(Object.entries(WORK))(
    "%s",
    (_, work) => {
      const megabytes = heldMegabytes(() => {
        const { scope, within } = limited({});
        work(scope, within);
        return scope;
      });
      expect(megabytes).toBeLessThan(16);
    },
    60_000,
  );

  it("and no text as a whole where a part of it was kept", () => {
    const megabytes = heldMegabytes(() => {
      const { scope, root } = limited({ attributeValueLengthLimit: 20 });
      for (let count = 0; count < 100; count++)
        root.setAttribute(`text ${count}`, unique(count, 1_000_000));
      return scope;
    });
    expect(megabytes).toBeLessThan(16);
  });
});
