/**
 * A whole Worker for workerd itself, without the wrappers of a test pool: the same classes bare
 * and instrumented, and the calls that an application makes of them.
 */
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { span } from "edgespan";
import {
  instrument,
  instrumentDurableObject,
  instrumentEntrypoint,
  traceRpc,
} from "edgespan/worker";
import { Counter } from "../harm/values.ts";

/** A base that an instrumented class and a bare one share. */
class Base extends DurableObject {
  inherited(): string {
    return span("inherited", () => "inherited");
  }
  overridden(): string {
    return "base";
  }
}

class PlainRoom extends Base {
  #secret = "private";
  readonly field = (): string => "a field";
  readonly early: string[] = [];
  static readonly limit = 3;

  constructor(ctx: DurableObjectState, env: never) {
    super(ctx, env);
    this.early.push(this.secret());
    void ctx.blockConcurrencyWhile(async () => {
      await ctx.storage.get("nothing");
      this.early.push(this.secret());
    });
  }

  secret(): string {
    return this.#secret;
  }
  made(): unknown {
    return this.early;
  }
  override overridden(): string {
    return `${super.overridden()}, room`;
  }
  add(a: number, b: number): number {
    return a + b;
  }
  async slow(): Promise<string> {
    return span("slow.work", async () => {
      await scheduler.wait(5);
      return this.secret();
    });
  }
  get size(): number {
    return 42;
  }
  get nested(): Counter {
    return new Counter();
  }
  counter(): Counter {
    return new Counter();
  }
  doubler(): (x: number) => number {
    return (x) => 2 * x;
  }
  async call(back: (x: number) => number | Promise<number>): Promise<number> {
    return (await back(3)) + 1;
  }
  async countBy(counter: Counter): Promise<number> {
    return counter.increment(5);
  }
  async text(stream: ReadableStream): Promise<string> {
    return new Response(stream).text();
  }
  answer(): Response {
    return new Response("an answer", { status: 418 });
  }
  refuse(kind: string): never {
    if (kind === "string") throw "a string";
    if (kind === "nothing") throw undefined;
    if (kind === "object") throw { code: 7 };
    throw new RangeError("the room is full");
  }
  async refuseLater(): Promise<never> {
    await scheduler.wait(1);
    throw new TypeError("later");
  }
  *generate(): Generator<number> {
    yield 1;
  }
  async *generateLater(): AsyncGenerator<number> {
    yield 1;
  }
  async consume(): Promise<unknown[]> {
    const later: number[] = [];
    for await (const item of this.generateLater()) later.push(item);
    return [[...this.generate()], later, this.field(), this[Symbol.iterator]().next()];
  }
  [Symbol.iterator](): Iterator<number> {
    return this.generate();
  }
  $byConvention(): string {
    return "reachable";
  }
  isItself(): unknown[] {
    return [
      this instanceof PlainRoom,
      this instanceof DurableObject,
      typeof this.ctx.storage.get,
      "ROOMS" in (this.env as object),
      PlainRoom.limit,
    ];
  }
  override async fetch(request: Request): Promise<Response> {
    return new Response(`${request.method} ${request.headers.get("traceparent") !== null}`);
  }
  override alarm(): void {}
}

class PlainShop extends WorkerEntrypoint {
  add(a: number, b: number): number {
    return a + b;
  }
  counter(): Counter {
    return new Counter();
  }
  refuse(): never {
    throw new RangeError("the shop is closed");
  }
  override async fetch(request: Request): Promise<Response> {
    return new Response(`${request.method} ${request.headers.get("traceparent") !== null}`);
  }
}

/** A class as they were before RPC. */
class PlainLegacy {
  readonly #state: DurableObjectState;
  constructor(state: DurableObjectState, _env: unknown) {
    this.#state = state;
  }
  async fetch(): Promise<Response> {
    return new Response(String(await this.#state.storage.get("nothing")));
  }
}

/** Its handlers are the instance's own, as some libraries make them. */
class PlainOwner extends DurableObject {
  constructor(ctx: DurableObjectState, env: never) {
    super(ctx, env);
    this.fetch = async (request) => {
      if (request.method === "PUT") await ctx.storage.setAlarm(Date.now());
      return span("own.fetch", () => new Response());
    };
    this.alarm = async () => span("own.alarm", () => {});
  }
}

/** Replaces each method that its instance inherits, as the Agents SDK does. */
class PlainAgent extends DurableObject {
  constructor(ctx: DurableObjectState, env: never) {
    super(ctx, env);
    const own = this.constructor.prototype as Record<string, unknown>;
    let at = own;
    while (at !== (DurableObject.prototype as unknown)) {
      for (const name of Object.getOwnPropertyNames(at))
        if (name !== "constructor") {
          const method = own[name] as (...args: unknown[]) => unknown;
          own[name] = function (this: unknown, ...args: unknown[]) {
            return Reflect.apply(method, this, args);
          };
        }
      at = Object.getPrototypeOf(at) as typeof own;
    }
  }
  add(a: number, b: number): number {
    return a + b;
  }
}

export const Owner = instrumentDurableObject(PlainOwner);
export const Agent = instrumentDurableObject(PlainAgent);
export const Room = instrumentDurableObject(PlainRoom);
export const TwiceRoom = instrumentDurableObject(instrumentDurableObject(PlainRoom));
/** Makes instances of the class itself, whoever is constructed, as Sentry 10 does. */
export const ProxiedRoom = instrumentDurableObject(
  new Proxy(PlainRoom, { construct: (Class, [ctx, env]) => new Class(ctx, env as never) }),
);
export class BareRoom extends PlainRoom {}
export class BareBase extends Base {}
export const Shop = instrumentEntrypoint(PlainShop);
export class BareShop extends PlainShop {}
export const Legacy = instrumentDurableObject(PlainLegacy as never);
export const OffRoom = instrumentDurableObject(PlainRoom, { disabled: true });

/** A `Counter` of another isolate, and what its caller may do before it is there. */
interface RemoteCounter extends Disposable {
  increment(by?: number): Promise<number>;
  readonly count: Promise<number>;
  itself(): Promise<RemoteCounter> & RemoteCounter;
}
type Doubler = (x: number) => Promise<number>;

interface Stub {
  readonly id: unknown;
  readonly then: unknown;
  readonly size: Promise<number>;
  readonly nested: RemoteCounter;
  fetch(url: string, init?: RequestInit): Promise<Response>;
  inherited(): Promise<string>;
  overridden(): Promise<string>;
  secret(): Promise<string>;
  made(): Promise<string[]>;
  add(a: unknown, b: number): Promise<number>;
  slow(): Promise<string>;
  isItself(): Promise<unknown[]>;
  counter(): Promise<RemoteCounter> & RemoteCounter;
  doubler(): Promise<Doubler> & Doubler;
  call(back: (x: number) => number): Promise<number>;
  countBy(counter: unknown): Promise<number>;
  text(stream: unknown): Promise<string>;
  answer(): Promise<Response>;
  refuse(kind: string): Promise<never> & RemoteCounter;
  refuseLater(): Promise<never>;
  generate(): Promise<unknown>;
  consume(): Promise<unknown[]>;
  missing(): Promise<unknown>;
  field(): Promise<string>;
  $byConvention(): Promise<string>;
  alarm(): Promise<void>;
}
interface Namespace {
  getByName(name: string): Stub;
}
type Env = Record<string, Stub | Namespace>;

/** By how the caller holds the stub. */
function held(by: string, stub: Stub): Stub {
  if (by === "stub") return stub;
  return traceRpc(stub, { propagate: by === "propagating" });
}

async function attempt(work: () => unknown): Promise<unknown> {
  try {
    return ["returned", await work()];
  } catch (error) {
    if (!(error instanceof Error)) return ["threw", typeof error, error];
    return ["threw", error.name, error.message, Object.keys(error).toSorted()];
  }
}

/** What an application may do with a stub. */
const CALLS: Record<string, (stub: Stub, raw: Stub) => unknown> = {
  method: (stub) => stub.add(1, 2),
  inherited: (stub) => [stub.inherited(), stub.overridden()].map(async (value) => value),
  private: (stub) => stub.secret(),
  made: (stub) => stub.made(),
  slow: (stub) => stub.slow(),
  itself: (stub) => stub.isItself(),
  getter: (stub) => stub.size,
  getterTwice: async (stub) => {
    const { size } = stub;
    return [await size, await size];
  },
  nested: (stub) => stub.nested.increment(4),
  nestedGetter: (stub) => stub.nested.count,
  pipelined: (stub) => stub.counter().increment(),
  pipelinedDeeper: (stub) => stub.counter().itself().itself().increment(2),
  pipelinedGetter: (stub) => stub.counter().count,
  pipelinedFunction: (stub) => stub.doubler()(4),
  kept: async (stub) => {
    const counter = await stub.counter();
    const counts = [await counter.increment(), await counter.increment(), await counter.count];
    counter[Symbol.dispose]();
    return [...counts, typeof counter];
  },
  keptFunction: async (stub) => (await stub.doubler())(5),
  disposed: async (stub) => {
    const promise = stub.counter();
    const count = await promise.increment();
    promise[Symbol.dispose]();
    return count;
  },
  usedOnce: async (stub) => {
    using counter = await stub.counter();
    return counter.increment();
  },
  callback: (stub) => stub.call((x) => x + 1),
  target: (stub) => stub.countBy(new Counter()),
  stubAsArgument: async (stub) => {
    const counter = await stub.counter();
    return [await stub.countBy(counter), await counter.increment()];
  },
  stream: (stub) => stub.text(new Response("streamed").body),
  response: async (stub) => {
    const response = await stub.answer();
    return [response.status, await response.text()];
  },
  error: (stub) => stub.refuse("error"),
  string: (stub) => stub.refuse("string"),
  nothing: (stub) => stub.refuse("nothing"),
  object: (stub) => stub.refuse("object"),
  later: (stub) => stub.refuseLater(),
  caught: (stub) => stub.refuseLater().catch((error: Error) => [error.name, error.message]),
  finally: async (stub) => {
    const seen: unknown[] = [];
    const value = await stub.slow().finally(() => seen.push("finally"));
    return [value, seen];
  },
  pipelinedOnError: (stub) => stub.refuse("error").increment(),
  together: (stub) => Promise.all([stub.add(1, 1), stub.slow(), stub.size]),
  awaitedTwice: async (stub) => {
    const promise = stub.slow();
    return [await promise, await promise];
  },
  unclonable: (stub) => stub.add(Symbol("no"), 1),
  unclonableResult: (stub) => stub.generate(),
  generators: (stub) => stub.consume(),
  missing: (stub) => stub.missing(),
  field: (stub) => stub.field(),
  convention: (stub) => stub.$byConvention(),
  handler: (stub) => stub.alarm(),
  fetch: async (stub) => (await stub.fetch("http://room/", { method: "PUT" })).status,
  fetchTakenOff: (stub) => {
    const { fetch: taken } = stub;
    return typeof taken;
  },
  looks: (stub, raw) => [
    typeof stub,
    typeof stub.then,
    typeof stub.add,
    Object.prototype.toString.call(stub),
    Object.keys(stub),
    "anything" in stub,
    Object.getPrototypeOf(stub) === Object.getPrototypeOf(raw),
    stub.id === raw.id,
    stub.constructor === raw.constructor,
  ],
};

async function callAll(env: Env, to: string, by: string): Promise<unknown> {
  const results: Record<string, unknown> = {};
  const raw = stubOf(env, to);
  for (const [name, make] of Object.entries(CALLS)) {
    const call = async () => {
      const value: unknown = await make(held(by, raw), raw);
      return Array.isArray(value) ? Promise.all(value) : value;
    };
    results[name] = await attempt(call);
  }
  return results;
}

function stubOf(env: Env, name: string, object = name): Stub {
  // A service binding answers to any name, also to that of a namespace's method.
  return name.endsWith("SHOP") ? (env[name] as Stub) : (env[name] as Namespace).getByName(object);
}

/** What the platform may be asked from outside, as a foreign caller could. */
const ATTACKS: Record<string, unknown[]> = {
  handler: ["alarm", []],
  fetch: ["fetch", ["http://x"]],
  constructor: ["constructor", []],
  inherited: ["hasOwnProperty", ["x"]],
  prototype: ["__proto__", []],
  field: ["field", []],
  getter: ["size", []],
  own: ["edgespan:continue", [{}, "secret", []]],
  noMethod: [undefined, []],
  noArguments: ["secret", "not an array"],
};

/** The bindings that a Worker has to its own exports without saying so. */
interface Exports {
  readonly Shop: Fetcher;
  readonly Room: DurableObjectNamespace;
}

const handler = {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const to = searchParams.get("to") ?? "";
    const by = searchParams.get("by") ?? "stub";
    const fresh = searchParams.has("fresh") ? crypto.randomUUID() : to;
    const stub = held(by, stubOf(env, to, fresh));
    switch (pathname) {
      case "/all":
        return Response.json(await callAll(env, to, by));
      case "/one":
        return Response.json(
          await attempt(() => CALLS[searchParams.get("call") ?? ""]?.(stub, stub)),
        );
      case "/exports": {
        const { Shop: shop, Room: rooms } = ctx.exports as unknown as Exports;
        for (const one of [shop, rooms.getByName("one")]) await one.fetch("http://export/");
        return new Response("[]");
      }
      case "/attacks": {
        const raw = stub as unknown as Record<string, (...args: unknown[]) => unknown>;
        const results = Object.entries(ATTACKS).map(async ([name, args]) => [
          name,
          await attempt(() => raw["edgespan:continue"]?.({}, ...args)),
        ]);
        return Response.json(Object.fromEntries(await Promise.all(results)));
      }
      default:
        return new Response("not found", { status: 404 });
    }
  },
};

export default instrument(handler);
