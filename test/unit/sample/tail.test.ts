import { type Attributes, ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import { probability } from "../../../src/sample/probability.ts";
import { tail } from "../../../src/sample/tail.ts";
import type { TailRule } from "../../../src/sample/tail-rule.ts";
import { contextWith } from "../../../src/trace/context.ts";
import type { Scope } from "../../../src/trace/scope.ts";
import { OWN, startRoot, startSpan } from "../../../src/trace/start-span.ts";
import { counters } from "../../../src/trace/stats.ts";
import type { HeadSampler, TailSampler } from "../../../src/trace/tracing.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { createResource } from "../../../src/trace/resource.ts";
import { LIMITS, names, scopeWith } from "../tracing.ts";
import { isKept, parentWith, traceIds } from "./sampling.ts";

const REQUEST = { "faas.trigger": "http", "http.request.method": "GET", "url.path": "/orders/42" };

interface Invoked {
  sampler: TailSampler;
  head?: HeadSampler;
  traceId?: string;
  attributes?: Attributes;
  /** What happens in the invocation, before its root ends. */
  work?: (scope: Scope, root: Span, child: (name: string) => Span) => void;
}

/** A scope whose root span has been started as the runtime does. */
function begin({ sampler, head, traceId, attributes = REQUEST, work }: Invoked): {
  scope: Scope;
  root: Span;
  child: (name: string) => Span;
} {
  const scope = scopeWith({
    tail: sampler,
    ...(head && { sampler: head }),
    clock: createManualClock(1_000_000),
    resource: createResource({ "service.name": "shop" }),
  });
  const start = { name: "root", kind: SpanKind.SERVER, attributes };
  const root = startRoot(scope, () => start, ROOT_CONTEXT, traceId);
  scope.root = root;
  if (root.isRecording()) sampler.follow(scope);
  const child = (name: string): Span =>
    startSpan(scope, OWN, name, {}, contextWith(ROOT_CONTEXT, root));
  work?.(scope, root, child);
  return { scope, root, child };
}

/** What leaves at the end of an invocation. */
function invoke(invoked: Invoked): readonly ReadableSpan[] {
  const { scope, root } = begin(invoked);
  root.end();
  scope.root = undefined;
  return scope.take();
}

const fails = (_: Scope, _root: Span, child: (name: string) => Span): void =>
  child("failed").setStatus({ code: 2 }).end();

const takes = (ms: number) => (scope: Scope) =>
  (scope.tracing.clock as ReturnType<typeof createManualClock>).advance(ms);

describe("a rule matches where all of its conditions are true", () => {
  test.each<[TailRule, Invoked["work"], boolean]>([
    [{ errors: true }, fails, true],
    [{ errors: true }, (_, root) => void root.setStatus({ code: 2 }), true],
    [{ errors: true }, (_, root) => void root.setStatus({ code: 1 }), false],
    [{ slowerThanMs: 500 }, takes(501), true],
    [{ slowerThanMs: 500 }, takes(500), false],
    [{ slowerThanMs: 500, errors: true }, takes(501), false],
    [
      { attributes: { tenant: "gold" } },
      (_, root) => void root.setAttribute("tenant", "gold"),
      true,
    ],
    [
      { attributes: { tenant: "gold" } },
      (_s, _r, child) => child("a").setAttribute("tenant", "gold").end(),
      true,
    ],
    [
      { attributes: { tenant: "gold", plan: 1 } },
      (_s, root, child) => (
        root.setAttribute("plan", 1),
        child("a").setAttribute("tenant", "gold").end()
      ),
      false,
    ],
    [{ trigger: "http", method: "GET", route: "/orders/:id", service: "shop" }, undefined, true],
    [{ trigger: "pubsub" }, undefined, false],
    [{ route: "/users" }, undefined, false],
    [{ service: "other" }, undefined, false],
    [
      {
        attributes: {
          tenant: () => {
            throw new Error("of the application's");
          },
        },
      },
      undefined,
      false,
    ],
    [{}, undefined, true],
  ])("%j", (rule, work, matches) => {
    const dropping = tail([{ ...rule, ratio: 0 }]);
    expect(invoke({ sampler: dropping, ...(work && { work }) }).length === 0).toBe(matches);
  });
});

it("the first rule that matches decides, and where none does all is kept", () => {
  const sampler = tail([{ errors: true }, { route: "/health", ratio: 0 }, { route: "/health" }]);
  const health = { ...REQUEST, "url.path": "/health" };
  expect([
    names(invoke({ sampler, attributes: health, work: fails })),
    names(invoke({ sampler, attributes: health })),
    names(invoke({ sampler })),
  ]).toEqual([["root", "failed"], [], ["root"]]);
});

describe("a ratio", () => {
  const ids = traceIds(2_000, 11);
  const kept = (sampler: TailSampler, work?: Invoked["work"]) =>
    ids.filter((traceId) => invoke({ sampler, traceId, ...(work && { work }) }).length > 0);

  it("keeps the traces that the head sampler of that ratio would keep, in every service", () => {
    const byHead = ids.filter((traceId) => isKept(probability(0.25), { traceId }));
    expect(kept(tail([{ ratio: 0.25 }]))).toEqual(byHead);
    expect(byHead.length).toBeGreaterThan(400);
  });

  it("is of the rule that matches: half of one kind, all errors, a few of the rest", () => {
    const sampler = tail([{ errors: true }, { trigger: "pubsub", ratio: 0.5 }, { ratio: 0.05 }]);
    const share = (attributes: Attributes, work?: Invoked["work"]) =>
      ids.filter(
        (traceId) => invoke({ sampler, traceId, attributes, ...(work && { work }) }).length > 0,
      ).length / ids.length;
    expect(share(REQUEST, fails)).toBe(1);
    expect(share({ "faas.trigger": "pubsub" })).toBeCloseTo(0.5, 1);
    expect(share(REQUEST)).toBeCloseTo(0.05, 1);
  });

  test.each([-1, 2])("of %d is refused where it is written", (ratio) => {
    expect(() => tail([{ ratio }])).toThrow(`ratio ${ratio} must be from 0 to 1`);
  });
});

describe("the threshold that spans are exported with", () => {
  const traceId = "f".repeat(32);
  const states = (head: HeadSampler, rule: TailRule) =>
    invoke({
      sampler: tail([rule]),
      head,
      traceId,
      work: (_s, _r, child) => child("child").end(),
    }).map((span) => span.spanContext().traceState?.serialize());

  test.each<[what: string, head: HeadSampler, rule: TailRule, state: string | undefined]>([
    ["is the tail's, where that is higher", probability(0.5), { ratio: 0.25 }, "ot=th:c"],
    ["is the head's, where that is higher", probability(0.25), { ratio: 0.5 }, "ot=th:c"],
    ["is the head's for what the tail keeps all of", probability(0.25), { ratio: 1 }, "ot=th:c"],
    ["is the tail's below a head that keeps all", probability(1), { ratio: 0.5 }, "ot=th:8"],
    [
      "is not told where the head's is not known",
      { shouldSample: () => ({ decision: 2 }) },
      { ratio: 0.5 },
      undefined,
    ],
  ])("%s", (_, head, rule, state) => {
    expect(states(head, rule)).toEqual([state, state]);
  });

  it("is not what downstream services were told, which heard of the head's alone", () => {
    let injected: string | undefined;
    const spans = invoke({
      sampler: tail([{ ratio: 0.25 }]),
      head: probability(0.5),
      traceId,
      work: (_s, root) => (injected = root.spanContext().traceState?.serialize()),
    });
    expect([injected, spans[0]?.spanContext().traceState?.serialize()]).toEqual([
      "ot=th:8",
      "ot=th:c",
    ]);
  });
});

describe("explain", () => {
  test.each<[rules: TailRule[], work: Invoked["work"], rule: string, ratio: number]>([
    [[{ errors: true }], fails, "errors", 1],
    [[{ name: "all that broke", errors: true }], fails, "all that broke", 1],
    [[{ trigger: "http", route: "/orders/:id", ratio: 0.5 }], undefined, "trigger,route", 0.5],
    [[{ errors: true }, { ratio: 0.5 }], undefined, "rest", 0.5],
    [[{ errors: true }], undefined, "rest", 1],
  ])("%j", (rules, work, rule, ratio) => {
    const sampler = tail(rules, { explain: true });
    const spans = invoke({ sampler, traceId: "f".repeat(32), ...(work && { work }) });
    const told = { "edgespan.tail.rule": rule, "edgespan.tail.ratio": ratio };
    expect(spans.map((span) => [span.name, span.attributes])).toEqual([
      ["root", { ...REQUEST, ...told }],
      ...(work ? [["failed", {}]] : []),
    ]);
  });

  it("is off by default", () => {
    expect(invoke({ sampler: tail([{}]) })[0]?.attributes).toEqual(REQUEST);
  });
});

describe("spans that end after their invocation was flushed", () => {
  test.each([
    ["leave where it was kept", fails, ["late"]],
    ["are dropped where it was dropped, though they fail", undefined, []],
  ])("%s", (_, work, expected) => {
    const sampler = tail([{ errors: true }, { ratio: 0 }]);
    const { scope, root, child } = begin({ sampler, ...(work && { work }) });
    const late = child("late");
    root.end();
    scope.root = undefined;
    scope.take();
    late.setStatus({ code: 2 }).end();
    expect(names(scope.take())).toEqual(expected);
  });
});

describe("an invocation whose spans leave early, as a Workflow's", () => {
  it("holds what no rule keeps yet, and lets all of it go when one does", () => {
    const { scope, root, child } = begin({ sampler: tail([{ errors: true }, { ratio: 0 }]) });
    child("step 1").end();
    const held = names(scope.take());
    child("step 2").setStatus({ code: 2 }).end();
    const left = names(scope.take());
    child("step 3").end();
    const later = names(scope.take());
    root.end();
    expect([held, left, later, names(scope.take())]).toEqual([
      [],
      ["step 1", "step 2"],
      ["step 3"],
      ["root"],
    ]);
  });

  it("drops what it held when its end brings no rule to keep it, and counts that", () => {
    const { scope, root, child } = begin({ sampler: tail([{ errors: true }, { ratio: 0 }]) });
    child("step 1").end();
    scope.take();
    const before = counters.sampledOut ?? 0;
    root.end();
    expect([names(scope.take()), (counters.sampledOut ?? 0) - before]).toEqual([[], 2]);
  });

  it("tells no threshold of a rule that has not seen the end", () => {
    const { scope, child } = begin({
      sampler: tail([{ ratio: 0.5 }]),
      head: probability(1),
      traceId: "f".repeat(32),
    });
    child("step 1").end();
    expect(scope.take().map((span) => span.spanContext().traceState?.serialize())).toEqual([""]);
  });

  test.each<[what: string, count: number, attributes: Attributes]>([
    ["1,000 spans", 1_001, {}],
    ["2 MB", 5, { body: "x".repeat(450_000) }],
  ])("decides without the end where it would hold more than %s", (_, count, attributes) => {
    const { scope, child } = begin({ sampler: tail([{ errors: true }, { ratio: 0 }]) });
    for (let at = 0; at < count; at++) {
      child("step").setAttributes(attributes).end();
      expect(names(scope.take())).toEqual([]);
    }
    child("step").setStatus({ code: 2 }).end();
    expect(names(scope.take())).toEqual([]);
  });
});

it("spans of another trace, as of a message in a batch, are decided for themselves", () => {
  const message = (spanOf: Scope, traceId: string, code: 0 | 2): void =>
    startSpan(spanOf, OWN, "message", {}, parentWith({ traceId })).setStatus({ code }).end();
  const spans = invoke({
    sampler: tail([{ errors: true }, { ratio: 0 }]),
    work(scope) {
      message(scope, "1".repeat(32), 0);
      message(scope, "2".repeat(32), 2);
    },
  });
  expect(spans.map((span) => span.spanContext().traceId)).toEqual(["2".repeat(32)]);
});

it("what the head dropped stays dropped", () => {
  const spans = invoke({ sampler: tail([{ errors: true }]), head: probability(0), work: fails });
  expect(names(spans)).toEqual([]);
});

it("gives the limits of the invocation back what it lets go", () => {
  const sampler = tail([{}]);
  const scope = scopeWith({ tail: sampler, limits: { ...LIMITS, maxSpans: 2 } });
  const root = startSpan(scope, OWN, "root", {}, ROOT_CONTEXT);
  scope.root = root;
  sampler.follow(scope);
  const step = (): string[] => {
    startSpan(scope, OWN, "step", {}, trace.setSpan(ROOT_CONTEXT, root)).end();
    return names(scope.take());
  };
  expect([step(), step(), step()]).toEqual([["step"], ["step"], ["step"]]);
});
