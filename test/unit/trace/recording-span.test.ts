import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import type { Scope } from "../../../src/trace/scope.ts";
import type { Tracing } from "../../../src/trace/tracing.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { LIMITS, heardBy, loggingProcessor, names, scopeWith } from "../tracing.ts";

type Recorded = Span & ReadableSpan;

const START_MS = Date.UTC(2026, 0, 1);
const START_S = START_MS / 1000;

function spanIn(scope: Scope, options: Parameters<typeof startSpan>[3] = {}): Recorded {
  return startSpan(scope, OWN, "work", options, ROOT_CONTEXT) as Recorded;
}

function limitedSpan(limits: Partial<Tracing["limits"]>): Recorded {
  return spanIn(scopeWith({ limits: { ...LIMITS, ...limits } }));
}

const link = (n: number): { context: { traceId: string; spanId: string; traceFlags: number } } => ({
  context: { traceId: `${n}`.padStart(32, "0"), spanId: `${n}`.padStart(16, "0"), traceFlags: 1 },
});

describe("limits", () => {
  it("attributes past the count are dropped and counted; known keys can still change", () => {
    const span = limitedSpan({ attributeCountLimit: 2 });
    span.setAttributes({ a: 1, b: 2, c: 3 }).setAttribute("d", 4).setAttribute("a", 5);
    expect([span.attributes, span.droppedAttributesCount]).toEqual([{ a: 5, b: 2 }, 2]);
  });

  it("attributes at the start count like later ones", () => {
    const scope = scopeWith({ limits: { ...LIMITS, attributeCountLimit: 1 } });
    const span = spanIn(scope, { attributes: { a: 1, b: 2 } });
    expect([span.attributes, span.droppedAttributesCount]).toEqual([{ a: 1 }, 1]);
  });

  it("no attributes at all can be kept where the limit is 0", () => {
    const span = limitedSpan({ attributeCountLimit: 0 }).setAttribute("a", 1);
    expect([span.attributes, span.droppedAttributesCount]).toEqual([{}, 1]);
  });

  it("values that are left out take no room and are not counted", () => {
    const span = limitedSpan({ attributeCountLimit: 1 });
    span.setAttributes({ a: undefined, b: null, c: () => {}, "": 1, d: 1 });
    expect([span.attributes, span.droppedAttributesCount]).toEqual([{ d: 1 }, 0]);
  });

  it("text and bytes are cut to the length, also within arrays and objects", () => {
    const span = limitedSpan({ attributeValueLengthLimit: 3 });
    const bytes = Uint8Array.of(1, 2, 3, 4);
    span.setAttributes({ a: "12345", b: ["1234", "12"], c: { d: "1234" }, e: bytes, f: 12_345 });
    span.addEvent("e", { a: "12345" }).addLink({ ...link(1), attributes: { a: "12345" } });
    expect([span.attributes, span.events[0]!.attributes, span.links[0]!.attributes]).toEqual([
      { a: "123", b: ["123", "12"], c: { d: "123" }, e: Uint8Array.of(1, 2, 3), f: 12_345 },
      { a: "123" },
      { a: "123" },
    ]);
  });

  test.each([
    [2, ["c", "d"], 2],
    [1, ["d"], 3],
    [0, [], 4],
  ])("of %i events the newest stay and the others are counted", (limit, kept, dropped) => {
    const span = limitedSpan({ eventCountLimit: limit });
    for (const name of ["a", "b", "c", "d"]) span.addEvent(name);
    expect([span.events.map(({ name }) => name), span.droppedEventsCount]).toEqual([kept, dropped]);
  });

  test.each([
    [2, [3, 4], 2],
    [0, [], 4],
  ])("of %i links the newest stay, also those of the start", (limit, kept, dropped) => {
    const scope = scopeWith({ limits: { ...LIMITS, linkCountLimit: limit } });
    const span = spanIn(scope, { links: [link(1), link(2), link(3)] }).addLinks([link(4)]);
    const { links, droppedLinksCount } = span;
    expect([links.map(({ context }) => Number(context.spanId)), droppedLinksCount]).toEqual([
      kept,
      dropped,
    ]);
  });

  it("attributes of an event and of a link have limits of their own", () => {
    const span = limitedSpan({ attributePerEventCountLimit: 1, attributePerLinkCountLimit: 2 });
    const attributes = { a: 1, b: 2, c: 3 };
    span.addEvent("e", attributes).addLink({ ...link(1), attributes });
    expect([span.events, span.links]).toMatchObject([
      [{ attributes: { a: 1 }, droppedAttributesCount: 2 }],
      [{ attributes: { a: 1, b: 2 }, droppedAttributesCount: 1 }],
    ]);
    expect([span.events[0]!.attributes, span.links[0]!.attributes]).toEqual([
      { a: 1 },
      { a: 1, b: 2 },
    ]);
  });
});

describe("attribute values", () => {
  const cyclic: Record<string, unknown> = { a: 1 };
  cyclic.self = cyclic;
  const raise = (): never => {
    throw new Error("a trap");
  };
  test.each<[string, unknown, unknown]>([
    ["text", "a", "a"],
    ["a whole number", 1, 1],
    ["a fraction", 1.5, 1.5],
    ["a boolean", false, false],
    ["NaN, as text", Number.NaN, "NaN"],
    ["an infinity, as text", Number.NEGATIVE_INFINITY, "-Infinity"],
    ["NaN in an array, as text", [1, Number.NaN], [1, "NaN"]],
    ["a bigint, as text", 12n, "12"],
    ["a Date, as text", new Date(Number.NaN), "Invalid Date"],
    ["an Error, as text", new TypeError("no"), "TypeError: no"],
    ["an array of several types", ["a", 1, true], ["a", 1, true]],
    ["an array with holes, empty there", ["a", null, undefined], ["a", "", ""]],
    ["an object", { a: { b: [1] } }, { a: { b: [1] } }],
    ["an object without what cannot be told", { a: undefined, b: null, c: 1 }, { c: 1 }],
    ["an object without prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [
      "a cycle, to the depth of 4",
      cyclic,
      { a: 1, self: { a: 1, self: { a: 1, self: { a: 1 } } } },
    ],
    ["bytes", Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
    ["nothing of null", null, undefined],
    ["nothing of undefined", undefined, undefined],
    ["nothing of a function", () => {}, undefined],
    ["nothing of a symbol", Symbol("s"), undefined],
    ["nothing of a hostile object", new Proxy({}, { ownKeys: raise }), undefined],
    [
      "nothing of an object with a throwing getter",
      Object.defineProperty({}, "a", { get: raise, enumerable: true }),
      undefined,
    ],
  ])("keep %s", (_, value, kept) => {
    const span = spanIn(scopeWith()).setAttribute("key", value);
    expect(span.attributes).toEqual(kept === undefined ? {} : { key: kept });
  });

  it("are copied: what changes later changes no span", () => {
    const value = { list: [1], bytes: Buffer.of(1), deep: { a: 1 } };
    const span = spanIn(scopeWith()).setAttribute("key", value);
    value.list.push(2);
    value.bytes[0] = 9;
    value.deep.a = 9;
    expect(span.attributes).toEqual({
      key: { list: [1], bytes: Uint8Array.of(1), deep: { a: 1 } },
    });
  });
});

describe("times", () => {
  it("of a manual clock are exact", () => {
    const clock = createManualClock(START_MS);
    const scope = scopeWith({ clock });
    const span = spanIn(scope);
    clock.advance(1.5);
    span.addEvent("e");
    clock.advance(1_000);
    span.end();
    expect([span.startTime, span.events[0]!.time, span.endTime, span.duration]).toEqual([
      [START_S, 0],
      [START_S, 1_500_000],
      [START_S + 1, 1_500_000],
      [1, 1_500_000],
    ]);
  });

  test.each([
    ["a Date", new Date(START_MS + 2)],
    ["an HrTime", [START_S, 2_000_000] as [number, number]],
    ["milliseconds", START_MS + 2],
  ])("may be given as %s", (_, time) => {
    const span = spanIn(scopeWith({ clock: createManualClock(START_MS) }), { startTime: time });
    span.addEvent("at", time);
    span.addEvent("with", { a: 1 }, time);
    span.recordException("no", time);
    span.end(time);
    const expected = [START_S, 2_000_000];
    expect([span.startTime, ...span.events.map((event) => event.time), span.endTime]).toEqual(
      Array.from({ length: 5 }, () => expected),
    );
    expect(span.events.map(({ attributes }) => attributes)).toEqual([
      {},
      { a: 1 },
      { "exception.message": "no" },
    ]);
  });

  test.each([Number.NaN, new Date(Number.NaN), null, "2026-01-01", [Number.NaN, 0], {}])(
    "that are none (%j) count as now",
    (time) => {
      const span = spanIn(scopeWith({ clock: createManualClock(START_MS) }), {
        startTime: time as never,
      });
      span.recordException("no", time as never);
      span.end(time as never);
      expect([span.startTime, span.events[0]!.time, span.endTime, span.duration]).toEqual([
        [START_S, 0],
        [START_S, 0],
        [START_S, 0],
        [0, 0],
      ]);
    },
  );

  it("an end before the start counts as the start", () => {
    const span = spanIn(scopeWith({ clock: createManualClock(START_MS) }));
    span.end(START_MS - 5_000);
    expect([span.endTime, span.duration]).toEqual([
      [START_S, 0],
      [0, 0],
    ]);
  });

  it("without a clock of the test's own are those of the machine", () => {
    const before = Date.now();
    const span = spanIn(scopeWith());
    span.end();
    const startMs = span.startTime[0] * 1e3 + span.startTime[1] / 1e6;
    expect(Math.abs(startMs - before)).toBeLessThan(1_000);
  });
});

describe("status", () => {
  const { OK, ERROR, UNSET } = SpanStatusCode;
  type Status = Parameters<Span["setStatus"]>[0];
  test.each<[string, Status[], Status]>([
    ["begins unset", [], { code: UNSET }],
    [
      "takes an error with its message",
      [{ code: ERROR, message: "no" }],
      { code: ERROR, message: "no" },
    ],
    ["takes a later error", [{ code: ERROR, message: "a" }, { code: ERROR }], { code: ERROR }],
    ["keeps OK for good", [{ code: OK }, { code: ERROR, message: "no" }], { code: OK }],
    ["lets OK replace an error", [{ code: ERROR, message: "a" }, { code: OK }], { code: OK }],
    ["never returns to unset", [{ code: ERROR }, { code: UNSET }], { code: ERROR }],
    ["takes no message with OK", [{ code: OK, message: "fine" }], { code: OK }],
    ["takes no message that is no text", [{ code: ERROR, message: 7 as never }], { code: ERROR }],
  ])("%s", (_, statuses, expected) => {
    const span = spanIn(scopeWith());
    for (const status of statuses) span.setStatus(status);
    expect(span.status).toEqual(expected);
  });
});

describe("exceptions", () => {
  test.each<[string, unknown, Record<string, unknown>[]]>([
    ["text", "no", [{ "exception.message": "no" }]],
    [
      "a code",
      { code: "E", name: "N", message: "m" },
      [{ "exception.type": "E", "exception.message": "m" }],
    ],
    ["a name alone", { name: "N" }, [{ "exception.type": "N" }]],
    ["nothing to tell", {}, []],
    ["null", null, []],
    ["undefined", undefined, []],
    [
      "a hostile value",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("a trap");
          },
        },
      ),
      [],
    ],
  ])("of %s become events, and never throw", (_, exception, expected) => {
    const span = spanIn(scopeWith());
    span.recordException(exception as Error);
    expect(span.events.map(({ attributes }) => attributes)).toEqual(expected);
  });
});

describe("the end", () => {
  it("makes all further operations have no effect", () => {
    const log: string[] = [];
    const scope = scopeWith(heardBy(loggingProcessor(log)));
    const span = spanIn(scope, { attributes: { a: 1 } });
    span.end();
    const before = { ...span };
    span.setAttribute("b", 2).setAttributes({ c: 3 }).addEvent("e").addLink(link(1));
    span
      .addLinks([link(2)])
      .setStatus({ code: SpanStatusCode.ERROR })
      .updateName("other");
    span.recordException("no");
    span.end(START_MS);
    expect({ ...span }).toEqual(before);
    expect([span.isRecording(), span.ended, names(scope.take()), log.length]).toEqual([
      false,
      true,
      ["work"],
      3,
    ]);
  });

  it("calls each processor in order: start, ending while it still records, end", () => {
    const log: string[] = [];
    const changing: SpanProcessor = {
      ...loggingProcessor(log, "q"),
      onEnding: (span) => void span.setAttribute("late", true).updateName("renamed"),
    };
    const span = spanIn(scopeWith(heardBy(loggingProcessor(log), changing)));
    span.end();
    expect([log, span.attributes]).toEqual([
      [
        "p start work true",
        "q start work true",
        "p ending work true",
        "p end renamed true",
        "q end renamed true",
      ],
      { late: true },
    ]);
  });

  it("every setter answers the span itself", () => {
    const span = spanIn(scopeWith());
    expect([
      span.setAttribute("a", 1),
      span.setAttributes({}),
      span.addEvent("e"),
      span.addLink(link(1)),
      span.addLinks([]),
      span.setStatus({ code: 1 }),
      span.updateName("n"),
    ]).toEqual(Array.from({ length: 7 }, () => span));
  });
});

it("leaves out a link to nothing and the attribute __proto__, which would cost all else", () => {
  const scope = scopeWith();
  const span = startSpan(
    scope,
    OWN,
    "work",
    { links: [{ context: undefined as never }] },
    ROOT_CONTEXT,
  );
  span.setAttributes(JSON.parse('{"__proto__":{"isAdmin":true},"real":1}') as Attributes);
  span.end();
  const [ended] = scope.take();
  expect([ended?.links, ended?.attributes]).toEqual([[], { real: 1 }]);
  expect(ended?.attributes.isAdmin).toBeUndefined();
});

it("keeps the flag that says the trace id is random, and no other, of a trace that it continues, and sets it for a trace that it begins", () => {
  const scope = scopeWith();
  const parent = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 0xff };
  const context = trace.setSpanContext(ROOT_CONTEXT, parent);
  expect(startSpan(scope, OWN, "child", {}, context).spanContext().traceFlags).toBe(3);
  const unknown = trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: 1 });
  expect(startSpan(scope, OWN, "child", {}, unknown).spanContext().traceFlags).toBe(1);
  expect(startSpan(scope, OWN, "root", {}, ROOT_CONTEXT).spanContext().traceFlags).toBe(3);
});

it("says nothing of the randomness of ids that it did not make", () => {
  const ids = { generateTraceId: () => "1".repeat(32), generateSpanId: () => "2".repeat(16) };
  const root = startSpan(scopeWith({ ids }), OWN, "root", {}, ROOT_CONTEXT);
  expect(root.spanContext().traceFlags).toBe(1);
});
