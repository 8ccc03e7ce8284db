/** Handlers of every shape, and what can be told of them once they are instrumented. */
import { Hono } from "hono";
import { instrument, instrumentDurableObject, instrumentEntrypoint } from "edgespan/worker";
import type { Given } from "./env.ts";
import { kind, looks } from "./methods.ts";
import { PlainDesk, PlainRoom } from "./receivers.ts";
import { type Attempts, className } from "./shown.ts";

type Handler = Record<string, unknown> & { fetch(...args: unknown[]): unknown };

const answer = (): Response => new Response("answered");

/** Each made anew, for instrumenting it changes it. */
const SHAPES: Record<string, () => unknown> = {
  "a literal": () => ({ fetch: answer, other: 1, scheduled() {} }),
  "a method with parameters": () => ({
    async fetch(_request: Request, _env: unknown, _ctx: unknown) {
      return answer();
    },
  }),
  "an instance": () =>
    new (class Shape {
      #text = "answered";
      fetch(): Response {
        return new Response(this.#text);
      }
    })(),
  "a frozen one": () => Object.freeze({ fetch: answer, other: 1 }),
  "a sealed one": () => Object.seal({ fetch: answer, other: 1 }),
  "a getter": () => ({
    get fetch() {
      return answer;
    },
  }),
  "a hidden one": () => Object.defineProperty({}, "fetch", { value: answer, configurable: true }),
  "a read-only one": () => Object.defineProperty({}, "fetch", { value: answer, enumerable: true }),
  "no prototype": () => Object.assign(Object.create(null) as object, { fetch: answer }),
  "a Proxy": () => new Proxy({ fetch: answer }, {}),
  Hono: () => new Hono().get("/", () => answer()),
};

export function shapes({ request, env, ctx }: Given): Attempts {
  const attempts: Attempts = {};
  for (const [shape, make] of Object.entries(SHAPES)) {
    const original = make() as Handler;
    const handler = instrument(original);
    const plain = new Request("http://handler/", request);
    const own: Attempts = {
      "is itself": () => handler === original,
      "is frozen": () => Object.isFrozen(handler),
      names: () => [Object.keys(handler), Object.keys({ ...handler }), JSON.stringify(handler)],
      "own names": () => Reflect.ownKeys(handler).map(String),
      "in a loop": () => {
        const names: string[] = [];
        for (const name in handler) names.push(name);
        return names;
      },
      looks: () => ["fetch" in handler, "none" in handler, ...looks(handler, "fetch").slice(0, 4)],
      flags: () => looks(handler, "fetch").slice(4),
      kind: () => kind(handler.fetch),
      answers: () => handler.fetch(plain, env, ctx),
      "answers on another object": () => Reflect.apply(handler.fetch, {}, [plain, env, ctx]),
    };
    for (const [name, work] of Object.entries(own)) attempts[`${shape}: ${name}`] = work;
  }
  for (const Class of [
    instrumentDurableObject(PlainRoom as never),
    instrumentEntrypoint(PlainDesk as never),
  ] as { new (): object }[])
    Object.assign(attempts, classAttempts(Class));
  return attempts;
}

function classAttempts(Class: { new (): object }): Attempts {
  const { prototype } = Class as { prototype: object };
  const own: Attempts = {
    names: () => [Class.name, Class.length, Object.keys(Class), prototype.constructor === Class],
    "own names": () => Reflect.ownKeys(Class).map(String).toSorted(),
    "prototype's names": () => Reflect.ownKeys(prototype).map(String).toSorted(),
    "prototype's base": () => className(prototype),
    flags: () => ({ ...Object.getOwnPropertyDescriptor(Class, "prototype"), value: undefined }),
    "without new": () => Reflect.apply(Class, undefined, []) as unknown,
    "methods' looks": () => ["fetch", "show", "failLater"].map((name) => looks(prototype, name)),
    "methods' kind": () => kind((prototype as Handler).fetch),
    "getter's looks": () => looks(prototype, "size").slice(0, 4),
    text: () => String(Class),
  };
  return Object.fromEntries(
    Object.entries(own).map(([name, work]) => [`class ${Class.name}: ${name}`, work]),
  );
}
