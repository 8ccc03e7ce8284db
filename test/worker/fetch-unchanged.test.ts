/**
 * Each call is made by the platform's own `fetch`, by the instrumented one outside of any
 * invocation and by it inside of one: callers and servers must not see a difference.
 */
import { type CollectedSpan, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { exporterOf, traced } from "./invoke.ts";
import { type Outcome, outcomeOf, sentHeader, untold } from "./outcome.ts";

const base = inject("echo");
const native = globalThis.fetch;

beforeAll(() => {
  instrument({ fetch: () => new Response() }, exporterOf(createCollector()));
});

interface Compared {
  outcome: Outcome;
  spans: CollectedSpan[];
}

/** Makes the call in all three ways, asserts that they agree, and answers the traced one. */
async function compare(call: () => unknown, options = {}): Promise<Compared> {
  const patched = globalThis.fetch;
  globalThis.fetch = native;
  let bare: Outcome;
  try {
    bare = await outcomeOf(call);
  } finally {
    globalThis.fetch = patched;
  }
  const outside = await outcomeOf(call);
  const { value: inside, spans } = await traced(() => outcomeOf(call), { options });
  expect(untold(outside)).toEqual(untold(bare));
  expect(untold(inside)).toEqual(untold(bare));
  return { outcome: inside, spans };
}

class Init {
  method = "PUT";
  body = "from a class";
  get headers() {
    return { "x-from": "getter" };
  }
}

const post = { method: "POST" };
const forms: Record<string, () => unknown> = {
  "a string": () => fetch(`${base}/a?b=c#d`),
  "a URL": () => fetch(new URL(`${base}/a?b=c`)),
  "an object that tells a URL": () =>
    fetch({ toString: () => `${base}/told` } as unknown as string),
  "a Request": () => fetch(new Request(`${base}/a`, { headers: { "X-Mixed-Case": "Kept" } })),
  "a Request with a body": () => fetch(new Request(`${base}/a`, { ...post, body: "hello" })),
  "a Request and an init": () =>
    fetch(new Request(`${base}/a`, { ...post, body: "old", headers: { "x-old": "1" } }), {
      method: "PATCH",
      body: "new",
    }),
  "a Request and headers that replace its own": () =>
    fetch(new Request(`${base}/a`, { headers: { "x-old": "1" } }), { headers: { "x-new": "2" } }),
  "a Request and a frozen init": () =>
    fetch(new Request(base), Object.freeze({ headers: Object.freeze({ "x-a": "b" }) })),
  "a cloned Request": () => {
    const request = new Request(base, { ...post, body: "twice" });
    return fetch(request.clone());
  },
  "a plain init": () =>
    fetch(`${base}/a`, { method: "PUT", body: "text", headers: { "X-Mixed-Case": "Kept" } }),
  "an init that is a Request": () =>
    fetch(
      `${base}/a`,
      new Request(`${base}/unused`, { ...post, body: "hello", headers: { "x-a": "b" } }),
    ),
  "a Request and an init that is a Request": () =>
    fetch(new Request(`${base}/a`), new Request(`${base}/b`, { headers: { "x-a": "b" } })),
  "a Headers instance": () => fetch(base, { headers: new Headers({ "X-A": "b", cookie: "c=d" }) }),
  "an array of pairs": () =>
    fetch(base, {
      headers: [
        ["x-twice", "1"],
        ["x-twice", "2"],
        ["cookie", "a=1"],
        ["cookie", "b=2"],
      ],
    }),
  "a Map of headers": () => fetch(base, { headers: new Map([["x-a", "b"]]) as unknown as Headers }),
  "an init without a prototype": () =>
    fetch(base, Object.assign(Object.create(null) as object, { ...post, body: "null" })),
  "an init that inherits": () => fetch(base, Object.create({ ...post, body: "inherited" })),
  "an init of a class": () => fetch(base, new Init()),
  "an init of undefined": () => fetch(base, undefined),
  "an init of null": () => fetch(base, null as unknown as RequestInit),
  "an init that is a function": () => fetch(base, (() => {}) as unknown as RequestInit),
  "headers of undefined": () =>
    fetch(base, Object.assign({} as RequestInit, { headers: undefined })),
  FormData: () => {
    const body = new FormData();
    body.append("field", "value");
    body.append("file", new File(["content"], "name.txt", { type: "text/plain" }));
    return fetch(base, { ...post, body });
  },
  URLSearchParams: () => fetch(base, { ...post, body: new URLSearchParams({ a: "b c" }) }),
  "a Blob with a type": () => fetch(base, { ...post, body: new Blob(["a"], { type: "text/x" }) }),
  "an ArrayBuffer": () => fetch(base, { ...post, body: new Uint8Array([98, 117, 102]).buffer }),
  "a typed array": () => fetch(base, { ...post, body: new TextEncoder().encode("array") }),
  "a ReadableStream of known length": () =>
    fetch(base, { ...post, body: new Blob(["abc"]).stream() }),
  "a ReadableStream of unknown length": () =>
    fetch(base, { ...post, body: new Blob(["abc"]).stream().pipeThrough(new TransformStream()) }),
  "a ReadableStream of fixed length": () => {
    const { readable, writable } = new FixedLengthStream(4);
    void new Blob(["four"]).stream().pipeTo(writable);
    return fetch(base, { ...post, body: readable });
  },
  "an empty body": () => fetch(base, { ...post, body: "" }),
  "no body in a POST": () => fetch(base, post),
  "a null body": () => fetch(base, { ...post, body: null }),
  "a content type of its own": () =>
    fetch(base, { ...post, body: "{}", headers: { "Content-Type": "application/vnd.x+json" } }),
  "credentials in the URL": () => fetch(base.replace("://", "://user:secret@")),
  "redirect: manual": () => fetch(`${base}/redirect`, { redirect: "manual" }),
  "redirect: follow": () => fetch(`${base}/redirect`, { redirect: "follow" }),
  "a Request with redirect: manual": () =>
    fetch(new Request(`${base}/redirect`, { redirect: "manual" })),
  "a redirect by default": () => fetch(`${base}/redirect`),
  cf: () => fetch(base, { cf: { cacheTtl: 5, cacheEverything: true } }),
  "a Request with cf": () => fetch(new Request(base, { cf: { cacheTtl: 5 } })),
  "cache: no-store": () => fetch(base, { cache: "no-store" }),
  "a signal that never fires": () => fetch(base, { signal: new AbortController().signal }),
  "a signal of null": () => fetch(base, { signal: null }),
  "status 404": () => fetch(`${base}/status/404`),
  "status 503": () => fetch(`${base}/status/503`),
  "a method in lower case": () => fetch(base, { method: "patch" }),
  "fetch bound to globalThis": () => fetch.bind(globalThis)(base),
  "fetch of globalThis": () => globalThis.fetch(base),
  "fetch applied to undefined": () => Reflect.apply(fetch, undefined, [base]),
  "fetch applied to null": () => Reflect.apply(fetch, null, [base]),
  "fetch destructured": () => {
    const { fetch: taken } = globalThis;
    return taken(base);
  },
};

describe("server and caller see the same, and the call carries its span", () => {
  test.each(Object.entries(forms))("%s", async (_form, call) => {
    const { outcome, spans } = await compare(call);
    expect(spans).toHaveLength(1);
    const [span] = spans;
    expect(span).toMatchObject({ kind: "CLIENT" });
    if (!("response" in outcome) || typeof outcome.echo === "string") return;
    expect(sentHeader(outcome, "traceparent")).toBe(`00-${span?.traceId}-${span?.spanId}-03`);
  });

  test.each([
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "PROPFIND",
    "get",
    "post",
  ])("method %s", async (method) => {
    const { spans } = await compare(() => fetch(`${base}/status/200`, { method }));
    expect(spans).toHaveLength(1);
  });

  test.each(Object.entries(forms))("with tracing of fetch off: %s", async (_form, call) => {
    const { outcome, spans } = await compare(call, { instrument: { fetch: false } });
    expect(spans).toEqual([]);
    if (!("response" in outcome) || typeof outcome.echo === "string") return;
    expect(sentHeader(outcome, "traceparent")).toBeUndefined();
  });
});

const used = async (): Promise<Request> => {
  const request = new Request(base, { ...post, body: "x" });
  await request.text();
  return request;
};
const failing: Record<string, () => unknown> = {
  "no argument": () => (fetch as unknown as () => unknown)(),
  "an invalid URL": () => fetch("nope"),
  "an object that is no Request": () => fetch({ url: base } as unknown as Request),
  null: () => fetch(null as unknown as string),
  "a symbol": () => fetch(Symbol("url") as unknown as string),
  "a scheme that fetch does not know": () => fetch("ftp://example.com/file"),
  "an init that is a string": () => fetch(base, "init" as unknown as RequestInit),
  "an init that is a number": () => fetch(base, 5 as unknown as RequestInit),
  "a method that does not exist": () => fetch(base, { method: "FOO" }),
  "a method that is a symbol": () => fetch(base, { method: Symbol("m") as unknown as string }),
  "headers of null": () => fetch(base, { headers: null as unknown as Headers }),
  "a Request and headers of null": () =>
    fetch(new Request(base), { headers: null as unknown as Headers }),
  "headers of a number": () => fetch(base, { headers: 5 as unknown as Headers }),
  "an invalid header name": () => fetch(base, { headers: { "a b": "c" } }),
  "an invalid pair of headers": () =>
    fetch(base, { headers: [["a"]] as unknown as [string, string][] }),
  "a GET with a body": () => fetch(base, { method: ["GET"].join(), body: "x" }),
  "a Request whose body is used": () => used().then((request) => fetch(request)),
  "an init that is a Request whose body is used": () =>
    used().then((request) => fetch(base, request)),
  "redirect: error": () => fetch(`${base}/redirect`, { redirect: "error" as "manual" }),
  "an unknown cache mode": () => fetch(base, { cache: "default" as "no-store" }),
  "cf that is no object": () => fetch(base, { cf: 5 as unknown as Record<string, never> }),
  "as a callback, with an index for an init": () => Promise.all([base].map(fetch as never)),
  "an init that is an empty text": () => fetch(base, "" as RequestInit),
  "an init of a class that is wrong": () =>
    fetch(
      base,
      new (class extends Init {
        override method = "GET";
      })(),
    ),
  "an init whose getter throws": () =>
    fetch(base, {
      get headers(): Headers {
        throw new RangeError("hostile");
      },
    }),
  "an aborted signal": () => fetch(base, { signal: AbortSignal.abort() }),
  "an aborted signal with a reason": () => fetch(base, { signal: AbortSignal.abort("why") }),
  "a Request with an aborted signal": () =>
    fetch(new Request(base, { signal: AbortSignal.abort() })),
  "a signal that fires midway": () => fetch(`${base}/hang`, { signal: firesIn(20) }),
  "a Request whose signal fires midway": () =>
    fetch(new Request(`${base}/hang`, { signal: firesIn(20) })),
  "a Request and another signal, which fires": () =>
    fetch(new Request(`${base}/hang`), { signal: firesIn(20) }),
  "a signal that fires in the middle of the body": () =>
    fetch(`${base}/half`, { signal: firesIn(30) }),
  "a time-out": () => fetch(`${base}/hang`, { signal: AbortSignal.timeout(20) }),
  "a server that hangs up": () => fetch(`${base}/reset`),
  "a port where nobody listens": () => fetch("http://127.0.0.1:1/"),
  "fetch of another object": () => ({ fetch }).fetch(base),
  "fetch applied to a number": () => Reflect.apply(fetch, 1, [base]),
  "fetch applied to a function": () => Reflect.apply(fetch, () => {}, [base]),
};

function firesIn(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

describe("what fails, fails the same", () => {
  test.each(Object.entries(failing))("%s", async (_form, call) => {
    const { outcome } = await compare(call);
    expect(outcome).toHaveProperty("thrown");
  });

  test("an aborted call rejects with the very reason", async () => {
    const reason = { custom: "reason" };
    const { value } = await traced(() =>
      fetch(base, { signal: AbortSignal.abort(reason) }).catch((error: unknown) => error),
    );
    expect(value).toBe(reason);
  });
});

describe("the function itself", () => {
  test("has the name and length of the platform's", () => {
    expect(globalThis.fetch).not.toBe(native);
    expect([fetch.name, fetch.length]).toEqual([native.name, native.length]);
  });

  test("is replaced once, however many handlers are instrumented", () => {
    const before = globalThis.fetch;
    instrument({ fetch: () => new Response() }, exporterOf(createCollector()));
    expect(globalThis.fetch).toBe(before);
  });

  test("changes no argument: init, headers and Request stay as the caller made them", async () => {
    const init = { headers: { "x-a": "b" } };
    const headers = new Headers({ "x-c": "d" });
    const request = new Request(base);
    await traced(async () => {
      await fetch(base, init);
      await fetch(base, { headers });
      await fetch(request);
    });
    expect(init).toEqual({ headers: { "x-a": "b" } });
    expect([...headers]).toEqual([["x-c", "d"]]);
    expect([...request.headers]).toEqual([]);
  });

  test("uses up the body of a Request as the platform does", async () => {
    const make = () => new Request(base, { ...post, body: "once" });
    const [bare, inside, reused] = [make(), make(), new Request(base)];
    await native(bare);
    const { value } = await traced(async () => {
      await fetch(inside);
      await fetch(reused);
      return fetch(reused);
    });
    expect(inside.bodyUsed).toBe(bare.bodyUsed);
    expect(value.status).toBe(200);
  });
});
