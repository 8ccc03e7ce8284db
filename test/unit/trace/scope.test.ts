import { ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import { expect, it, test } from "vitest";
import type { Scope } from "../../../src/trace/scope.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { names, scopeWith } from "../tracing.ts";

function open(scope: Scope, name: string): Span {
  return startSpan(scope, OWN, name, {}, ROOT_CONTEXT);
}

it("is idle before any span and after the last has ended, however often it is ended", () => {
  const log: unknown[] = [];
  const scope = scopeWith();
  log.push(scope.open);
  const [a, b] = [open(scope, "a"), open(scope, "b")];
  scope.onIdle = () => log.push("idle");
  a.end();
  a.end();
  log.push(scope.open);
  b.end();
  expect([...log, scope.open]).toEqual([0, 1, "idle", 0]);
});

it("hands over each finished span once, in the order of their starts", () => {
  const scope = scopeWith();
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => open(scope, name));
  d!.end();
  b!.end();
  const first = names(scope.take());
  const second = names(scope.take());
  c!.end();
  a!.end();
  expect([first, second, names(scope.take())]).toEqual([["b", "d"], [], ["a", "c"]]);
});

it("truncates what is open, and says so on it alone", () => {
  const scope = scopeWith();
  const [ended, open1, open2] = ["ended", "open 1", "open 2"].map((name) => open(scope, name));
  ended!.end();
  const count = scope.truncate();
  open1!.setAttribute("late", true).end();
  open2!.end();
  const spans = scope.take().map(({ name, attributes }) => [name, attributes]);
  expect([count, spans, scope.truncate()]).toEqual([
    2,
    [
      ["ended", {}],
      ["open 1", { "edgespan.truncated": true }],
      ["open 2", { "edgespan.truncated": true }],
    ],
    0,
  ]);
});

test.each([
  [2, ["work"]],
  [1, []],
  [0, []],
])("with sampling decision %i hands over %j, and is idle", (decision, handed) => {
  const sampler = { shouldSample: () => ({ decision }), toString: () => "" };
  const scope = scopeWith({ sampler });
  open(scope, "work").end();
  expect([scope.open, names(scope.take())]).toEqual([0, handed]);
});

it("calls back for each late span, once it can be taken", () => {
  const log: string[] = [];
  const scope = scopeWith();
  open(scope, "early").end();
  scope.onLate = () => log.push(names(scope.take()).join());
  const span = open(scope, "b");
  open(scope, "c").end();
  span.end();
  expect(log).toEqual(["early,c", "b"]);
});

it("two scopes never share spans", () => {
  const [one, two] = [scopeWith(), scopeWith()];
  open(one, "a").end();
  open(two, "b").end();
  expect([names(one.take()), names(two.take())]).toEqual([["a"], ["b"]]);
});

it("tells the time of the given clock, else the machine's", () => {
  const clock = createManualClock(5);
  const scope = scopeWith({ clock });
  clock.advance(2.5);
  expect(scope.now()).toBe(7.5);
  expect(Math.abs(scopeWith().now() - Date.now())).toBeLessThan(1_000);
});
