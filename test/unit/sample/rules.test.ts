import { AlwaysOnSampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { always, never } from "../../../src/sample/always.ts";
import type { Conditions } from "../../../src/sample/conditions.ts";
import { probability } from "../../../src/sample/probability.ts";
import { rateLimited } from "../../../src/sample/rate-limited.ts";
import { rules } from "../../../src/sample/rules.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { ask, isKept, parentWith, told, traceIds } from "./sampling.ts";

const REQUEST = {
  "faas.trigger": "http",
  "http.request.method": "POST",
  "url.path": "/orders/42",
  tenant: "gold",
  retries: 2,
};
const RESOURCE = { "service.name": "shop" };
const asked = { attributes: REQUEST, resource: RESOURCE };

/** Whether a rule with these conditions decides about the request. */
function matches(conditions: Conditions, attributes: object = REQUEST): boolean {
  const sampler = rules([{ ...conditions, sampler: never }]);
  return !isKept(sampler, { ...asked, attributes: { ...attributes } });
}

describe("a rule matches where all of its conditions are true", () => {
  test.each<[Conditions, boolean]>([
    [{}, true],
    [{ trigger: "http" }, true],
    [{ trigger: "pubsub" }, false],
    [{ method: "POST" }, true],
    [{ method: "post" }, true],
    [{ method: "GET" }, false],
    [{ service: "shop" }, true],
    [{ service: "shop-admin" }, false],
    [{ route: "/orders/42" }, true],
    [{ route: "/orders/:id" }, true],
    [{ route: "/orders/:id/items" }, false],
    [{ route: "/orders" }, false],
    [{ route: "/:any" }, false],
    [{ route: "/ord*" }, true],
    [{ route: "*" }, true],
    [{ route: "/orders.42" }, false],
    [{ route: /^\/orders\/\d+$/g }, true],
    [{ route: /^\/users/ }, false],
    [{ attributes: { tenant: "gold" } }, true],
    [{ attributes: { tenant: "silver" } }, false],
    [{ attributes: { tenant: /^g/ } }, true],
    [{ attributes: { retries: /2/ } }, true],
    [{ attributes: { absent: /undefined/ } }, false],
    [{ attributes: { retries: (value) => Number(value) > 1 } }, true],
    [{ attributes: { absent: (value) => value === undefined } }, true],
    [{ attributes: { tenant: "gold", retries: 3 } }, false],
    [{ trigger: "http", method: "POST", route: "/orders/:id", service: "shop" }, true],
    [{ trigger: "http", method: "GET", route: "/orders/:id", service: "shop" }, false],
  ])("%j: %s", (conditions, expected) => {
    // Twice: a RegExp with the g flag must not answer by turns.
    expect([matches(conditions), matches(conditions)]).toEqual([expected, expected]);
  });

  test.each([
    ["/users/:id", "/users/:id"],
    ["/users/{id}", "/users/{id}"],
    ["/files/*", "/files/*"],
  ])("the route %s where it is known, before the path", (route, known) => {
    const attributes = { ...REQUEST, "http.route": known };
    expect([matches({ route }, attributes), matches({ route: "/orders/*" }, attributes)]).toEqual([
      true,
      false,
    ]);
  });
});

describe("a route of text", () => {
  const isMatch = (route: string, path: string): boolean =>
    matches({ route }, { "url.path": path });

  it("matches what its plainest pattern does: a segment for each parameter, any text for each star", () => {
    const part = fc.constantFrom("a", "b", "/", "*", ":id", ".", "$", "-");
    const text = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "$", "-"), maxLength: 12 });
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), text, (parts, path) => {
        const route = parts.join("");
        const plain = route
          .replaceAll(/[.$]/g, String.raw`\$&`)
          .replaceAll(/:\w+/g, "[^/]+")
          .replaceAll("*", ".*");
        const expected = new RegExp(`^${plain}$`).test(path);
        seen.add(expected);
        expect(isMatch(route, path)).toBe(expected);
      }),
      { numRuns: 5_000, seed: 7 },
    );
    expect(seen.size).toBe(2);
  });

  it.each(["/*/x/*/x/*/y", "*x*x*x*y", "/:a/*/:b/*/:c/*/y", "/**/x/**/y"])(
    "reads a path of 16,000 characters without going back, which took nine seconds: %s",
    (route) => {
      for (const path of ["/x".repeat(8_000), "x".repeat(16_000), "/".repeat(16_000)]) {
        const startedAt = performance.now();
        expect(isMatch(route, path)).toBe(false);
        expect(performance.now() - startedAt).toBeLessThan(1_000);
      }
    },
  );
});

it("the first rule that matches decides, and where none does everything is sampled", () => {
  const sampler = rules([
    { route: "/health", sampler: never },
    { trigger: "http", sampler: probability(0) },
    { trigger: "http", sampler: always },
    { trigger: "pubsub", sampler: always },
  ]);
  const decisions = [
    REQUEST,
    { ...REQUEST, "url.path": "/health" },
    { "faas.trigger": "pubsub" },
    {},
  ];
  expect(decisions.map((attributes) => isKept(sampler, { attributes }))).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

it("rules nest, and each sampler in them is any: ours or of the SDK", () => {
  const clock = createManualClock();
  const sampler = rules([
    {
      service: "shop",
      sampler: rules([
        { method: "GET", sampler: new AlwaysOnSampler() },
        { method: "POST", sampler: rateLimited(1, { clock }) },
        { service: "shop", sampler: new TraceIdRatioBasedSampler(0) },
      ]),
    },
    { sampler: never },
  ]);
  const by = (method: string, resource = RESOURCE) =>
    isKept(sampler, { attributes: { "http.request.method": method }, resource });
  const decisions = [
    by("GET"),
    by("POST"),
    by("POST"),
    by("PUT"),
    by("GET", { "service.name": "x" }),
  ];
  expect(decisions).toEqual([true, true, false, false, false]);
});

it("a ratio in a rule tells its threshold on", () => {
  const sampler = rules([{ trigger: "http", sampler: probability(0.5) }]);
  expect(told(sampler, { ...asked, traceId: "f".repeat(32) })).toEqual([true, "ot=th:8"]);
});

it("a caller is followed, unless both the rules and the sampler are told not to", () => {
  const context = parentWith({ traceFlags: 0 });
  const own = { parentBased: false };
  const decide = (...[list, options]: Parameters<typeof rules>) =>
    isKept(rules(list, options), { context });
  expect([
    decide([{ sampler: always }]),
    decide([{ sampler: always }], own),
    decide([{ sampler: probability(1) }], own),
    decide([{ sampler: probability(1, own) }], own),
  ]).toEqual([false, true, false, true]);
});

it("spans within the invocation follow their parent, without a rule being asked", () => {
  const sampler = rules([{ sampler: new AlwaysOnSampler() }]);
  const within = (traceFlags: number) => ({ context: parentWith({ traceFlags, isRemote: false }) });
  expect([isKept(sampler, within(0)), isKept(sampler, within(1))]).toEqual([false, true]);
});

it("gives each sampler what it was given itself, for samplers of the application's own", () => {
  const calls: unknown[][] = [];
  const recording = {
    shouldSample: (...args: unknown[]) => {
      calls.push(args);
      return { decision: 2, attributes: { by: "own" } };
    },
  };
  const [traceId = ""] = traceIds(1, 1);
  const result = ask(rules([{ sampler: recording }]), { ...asked, traceId });
  expect(result).toEqual({ decision: 2, attributes: { by: "own" } });
  expect(calls.map((args) => args.slice(1))).toEqual([[traceId, "name", 1, REQUEST, [], RESOURCE]]);
});
