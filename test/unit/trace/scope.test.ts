import { ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import { expect, it, test } from "vitest";
import type { Scope } from "../../../src/trace/scope.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { names, scopeWith } from "../tracing.ts";

function open(scope: Scope, name: string): Span {
  return startSpan(scope, OWN, name, {}, ROOT_CONTEXT);
}

it("is idle before any span and after the last has ended, however often it is ended", async () => {
  const log: string[] = [];
  const scope = scopeWith();
  await scope.idle();
  log.push("no span");
  const [a, b] = [open(scope, "a"), open(scope, "b")];
  const idle = scope.idle().then(() => log.push("idle"));
  a.end();
  a.end();
  await Promise.resolve();
  log.push("a ended");
  b.end();
  await idle;
  await scope.idle();
  expect(log).toEqual(["no span", "a ended", "idle"]);
});

it("hands over each finished span once, in the order of their ends", () => {
  const scope = scopeWith();
  const [a, b, c] = [open(scope, "a"), open(scope, "b"), open(scope, "c")];
  b.end();
  a.end();
  const first = names(scope.take());
  const second = names(scope.take());
  c.end();
  expect([first, second, names(scope.take())]).toEqual([["b", "a"], [], ["c"]]);
});

test.each([
  [2, ["work"]],
  [1, []],
  [0, []],
])("with sampling decision %i hands over %j, and is idle", async (decision, handed) => {
  const sampler = { shouldSample: () => ({ decision }), toString: () => "" };
  const scope = scopeWith({ sampler });
  open(scope, "work").end();
  await scope.idle();
  expect(names(scope.take())).toEqual(handed);
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
