/** What may be sent as an argument of RPC, be returned by it, or be thrown. */
import { RpcTarget } from "cloudflare:workers";
import type { Attempts } from "./shown.ts";

export class Counter extends RpcTarget {
  #count = 0;
  #disposed = 0;
  increment(by = 1): number {
    this.#count += by;
    return this.#count;
  }
  get count(): number {
    return this.#count;
  }
  itself(): Counter {
    return this;
  }
  disposed(): number {
    return this.#disposed;
  }
  [Symbol.dispose](): void {
    this.#disposed++;
  }
}

class Custom extends TypeError {
  override name = "Custom";
  code = 7;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Made anew each time, as some can be sent only once. */
export const VALUES: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  text: () => "text",
  "lone surrogate": () => "\uD800",
  numbers: () => [0, -0, Number.NaN, Infinity, 1.5, 2n ** 70n],
  booleans: () => [true, false, Object(true)],
  date: () => new Date(86_400_000),
  "invalid date": () => new Date(Number.NaN),
  regexp: () => /a(b)?c/giu,
  map: () =>
    new Map<unknown, unknown>([
      ["a", new Map([[1, { b: 2 }]])],
      [{ c: 1 }, null],
    ]),
  set: () => new Set<unknown>(["a", 1, { b: 2 }]),
  object: () => ({ a: { b: [1, { c: undefined }] } }),
  "null prototype": () => Object.assign(Object.create(null) as object, { a: 1 }),
  "sparse array": () => Object.assign([], { 0: 1, 5: 2, length: 7 }),
  cycle: () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle["self"] = cycle;
    return cycle;
  },
  "shared reference": () => {
    const one = { a: 1 };
    return [one, one];
  },
  frozen: () => Object.freeze({ a: 1 }),
  getter: () => ({
    get a() {
      return 1;
    },
  }),
  "throwing getter": () => ({
    get a() {
      throw new RangeError("hostile");
    },
  }),
  buffer: () => bytes("buffer").buffer,
  bytes: () => bytes("bytes"),
  "part of a buffer": () => bytes("a part").subarray(2, 4),
  floats: () => new Float64Array([1.5, Number.NaN]),
  bigints: () => new BigInt64Array([1n, -1n]),
  view: () => new DataView(bytes("view").buffer, 1, 2),
  error: () => new Error("plain", { cause: new RangeError("cause") }),
  "kinds of errors": () => [
    new RangeError("range"),
    new SyntaxError("syntax"),
    new URIError("uri"),
    new EvalError("eval"),
    new ReferenceError("reference"),
  ],
  "custom error": () => new Custom("custom"),
  "aggregate error": () => new AggregateError([new Error("one")], "several"),
  "error with properties": () => Object.assign(new Error("more"), { status: 404, retryable: true }),
  "frozen error": () => Object.freeze(new Error("frozen")),
  "fixed error": () =>
    Object.defineProperty(new Error("fixed"), "message", {
      value: "fixed",
      configurable: false,
      writable: false,
    }),
  "error without stack": () =>
    Object.defineProperty(new Error("bare"), "stack", { value: undefined }),
  "hostile error": () =>
    Object.defineProperty(new Error("hostile"), "message", {
      get() {
        throw new RangeError("hostile");
      },
    }),
  "error like": () => ({ name: "Error", message: "no error", stack: "none" }),
  "DOM exception": () => new DOMException("aborted", "AbortError"),
  "revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  headers: () =>
    new Headers([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]),
  request: () =>
    new Request("http://sent/", { method: "POST", body: "a body", headers: { "x-a": "1" } }),
  response: () => new Response("an answer", { status: 418, headers: { "x-a": "1" } }),
  "readable stream": () => new Response("streamed").body,
  "writable stream": () => new TransformStream().writable,
  url: () => new URL("http://sent/?a=1"),
  blob: () => new Blob(["blob"], { type: "text/x" }),
  symbol: () => Symbol("no"),
  promise: () => Promise.resolve(1),
  instance: () =>
    new (class Own {
      a = 1;
    })(),
  "weak map": () => new WeakMap(),
  "a function": () => (x: number) => 2 * x,
  counter: () => new Counter(),
  "several arguments in one": () => ({
    deep: [(x: number) => x, new Counter(), new Map([["a", 1]])],
  }),
};

/** A `Counter` as its holder on the other side sees it. */
interface RemoteCounter extends Disposable {
  increment(by?: number): Promise<number>;
  readonly count: Promise<number>;
  itself(): RemoteCounter;
  dup(): RemoteCounter;
}

/** A service binding or the stub of an object: both have the same methods. */
export interface Remote {
  show(...args: unknown[]): Promise<unknown>;
  same(value: unknown): Promise<unknown>;
  fail(name: string): Promise<never> & RemoteCounter;
  failLater(name: string): Promise<never>;
  counter(): RemoteCounter;
  kept(): Promise<RemoteCounter>;
  doubler(): Promise<(x: number) => Promise<number>>;
  countBy(counter: unknown): Promise<number>;
  call(back: unknown): Promise<unknown>;
  keep(back: unknown): Promise<unknown>;
  recall(): Promise<unknown>;
  bytes(size: number): Promise<ReadableStream>;
  readonly size: Promise<number>;
  readonly nested: { readonly deep: { readonly value: Promise<number> } };
  isItself(): Promise<unknown[]>;
  missing(): Promise<unknown>;
  private(): Promise<unknown>;
  field(): Promise<unknown>;
}

export function calls(label: string, remote: Remote): Attempts {
  const attempts: Attempts = {};
  for (const [name, make] of Object.entries(VALUES)) {
    attempts[`${label} receives ${name}`] = () => remote.show(make(), "second");
    attempts[`${label} returns ${name}`] = () => remote.same(make());
    attempts[`${label} throws ${name}`] = () => remote.fail(name);
    attempts[`${label} rejects with ${name}`] = () => remote.failLater(name);
  }
  const more: Attempts = {
    "no argument": () => remote.show(),
    "many arguments": () => remote.show(1, undefined, null, undefined),
    pipelined: () => remote.counter().increment(),
    "pipelined deeper": () => remote.counter().itself().itself().increment(2),
    "pipelined property": () => remote.counter().count,
    "pipelined on an error": () => remote.fail("error").increment(),
    "a property": () => remote.size,
    "a property's property": () => remote.nested.deep.value,
    "kept and disposed": async () => {
      using counter = await remote.kept();
      const counts = [await counter.increment(), await counter.increment()];
      counter[Symbol.dispose]();
      return [...counts, await counter.increment().catch((error: unknown) => error)];
    },
    "told of disposal": async () => {
      const own = new Counter();
      const count = await remote.countBy(own);
      await scheduler.wait(20);
      return [count, own.count, own.disposed()];
    },
    "a function that is returned": async () => (await remote.doubler())(21),
    "a function that is called back": () => remote.call((x: number) => x + 1),
    "a function that throws": () =>
      remote.call(() => {
        throw new RangeError("called back");
      }),
    "a function that is kept": async () => {
      const seen: unknown[] = [];
      await remote.keep((x: unknown) => seen.push(x));
      return [await remote.recall(), seen];
    },
    "a stub as an argument": async () => {
      const counter = await remote.kept();
      return [await remote.countBy(counter), await counter.increment()];
    },
    "a stub's twin": async () => {
      const counter = await remote.kept();
      using twin = counter.dup();
      return [await counter.increment(), await twin.increment()];
    },
    "bytes of a stream": async () => new Response(await remote.bytes(1_000_000)).arrayBuffer(),
    "a stream that is cancelled": async () => (await remote.bytes(1_000_000)).cancel("enough"),
    itself: () => remote.isItself(),
    missing: () => remote.missing(),
    "a private method": () => remote.private(),
    "a field": () => remote.field(),
    "at once": () => Promise.all([remote.size, remote.show(1), remote.counter().increment()]),
    "awaited twice": async () => {
      const promise = remote.show(1);
      return [await promise, await promise, typeof promise.then, promise instanceof Promise];
    },
    "not awaited": () => {
      void remote.show(1);
    },
    "then, catch and finally": async () => {
      const seen: unknown[] = [];
      await remote.fail("error").catch((error: unknown) => seen.push(String(error)));
      await remote.show(1).finally(() => seen.push("finally"));
      return seen;
    },
    "the names of methods": () => [
      typeof remote.show,
      remote.show.name,
      Object.keys(remote),
      "show" in remote,
    ],
  };
  for (const [name, work] of Object.entries(more)) attempts[`${label}: ${name}`] = work;
  return attempts;
}
