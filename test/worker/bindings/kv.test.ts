import { env as importedEnv } from "cloudflare:workers";
import { env as givenEnv } from "cloudflare:test";
import { span } from "edgespan";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { instrument } from "edgespan/worker";
import { createCollector } from "edgespan/testing";
import { exporterOf, invoke, request, thrownBy, traced } from "../invoke.ts";
import { serve } from "../isolate.ts";
import { comparing } from "./compare.ts";

interface Env {
  SESSIONS: KVNamespace;
}
const env = givenEnv as unknown as Env;
const kv = env.SESSIONS;
const { get: identity, list } = kv;
const compare = comparing(kv, env);

/** As a library does that is given a binding when it is loaded. */
class Store {
  readonly #kv: KVNamespace;
  constructor(binding: KVNamespace) {
    this.#kv = binding;
  }
  read = (key: string): Promise<string | null> => this.#kv.get(key);
}
const store = new Store(kv);

const UNSAMPLED = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" };
const common = {
  "cloudflare.binding.name": "SESSIONS",
  "cloudflare.binding.type": "KV",
  "db.system.name": "cloudflare-kv",
};
const one = (key: string) => ({
  "cloudflare.kv.query.keys": key,
  "cloudflare.kv.query.keys.count": 1,
});

beforeEach(async () => {
  await kv.put("a", "1", { metadata: { owner: "secret" } });
  await kv.put("b", '{"value":null}');
});

const reads: [string, (target: KVNamespace) => unknown, object][] = [
  [
    "get of a key that is there",
    (target) => target.get("a"),
    { "db.operation.name": "get", ...one("a"), "cloudflare.kv.response.returned_rows": 1 },
  ],
  [
    "get of a key that is not there",
    (target) => target.get("none"),
    { "db.operation.name": "get", ...one("none"), "cloudflare.kv.response.returned_rows": 0 },
  ],
  [
    "get with a type",
    (target) => target.get("b", "json"),
    {
      "db.operation.name": "get",
      ...one("b"),
      "cloudflare.kv.query.type": "json",
      "cloudflare.kv.response.returned_rows": 1,
    },
  ],
  [
    "get with options",
    (target) => target.get("a", { type: "arrayBuffer", cacheTtl: 60 }),
    {
      "db.operation.name": "get",
      ...one("a"),
      "cloudflare.kv.query.type": "arrayBuffer",
      "cloudflare.kv.query.cache_ttl": 60,
      "cloudflare.kv.response.returned_rows": 1,
    },
  ],
  [
    "get of a stream",
    (target) => target.get("a", "stream"),
    {
      "db.operation.name": "get",
      ...one("a"),
      "cloudflare.kv.query.type": "stream",
      "cloudflare.kv.response.returned_rows": 1,
    },
  ],
  [
    "get of a list of keys",
    (target) => target.get(["a", "none"]),
    {
      "db.operation.name": "get",
      "cloudflare.kv.query.keys": "a, none",
      "cloudflare.kv.query.keys.count": 2,
      "db.operation.batch.size": 2,
      "cloudflare.kv.response.returned_rows": 1,
    },
  ],
  [
    "getWithMetadata",
    (target) => target.getWithMetadata("a", "text"),
    {
      "db.operation.name": "getWithMetadata",
      ...one("a"),
      "cloudflare.kv.query.type": "text",
      "cloudflare.kv.response.returned_rows": 1,
      "cloudflare.kv.response.metadata": true,
    },
  ],
  [
    "getWithMetadata of a key that is not there",
    (target) => target.getWithMetadata("none"),
    {
      "db.operation.name": "getWithMetadata",
      ...one("none"),
      "cloudflare.kv.response.returned_rows": 0,
    },
  ],
  [
    "getWithMetadata of a list of keys",
    (target) => target.getWithMetadata(["a", "b", "none"]),
    {
      "db.operation.name": "getWithMetadata",
      "cloudflare.kv.query.keys": "a, b, none",
      "cloudflare.kv.query.keys.count": 3,
      "db.operation.batch.size": 3,
      "cloudflare.kv.response.returned_rows": 2,
    },
  ],
  [
    "list that goes on",
    (target) => target.list({ prefix: "", limit: 1 }),
    {
      "db.operation.name": "list",
      "cloudflare.kv.query.limit": 1,
      "cloudflare.kv.response.returned_rows": 1,
      "cloudflare.kv.response.list_complete": false,
      "cloudflare.kv.response.cursor": true,
    },
  ],
  [
    "list that continues and ends",
    async (target) => {
      // The first page is asked for by the platform's own method, and makes no span.
      const first = await Reflect.apply(list, kv, [{ limit: 1 }]);
      return target.list({ prefix: "b", cursor: (first as { cursor: string }).cursor });
    },
    {
      "db.operation.name": "list",
      "cloudflare.kv.query.prefix": "b",
      "cloudflare.kv.query.cursor": true,
      "cloudflare.kv.response.returned_rows": 1,
      "cloudflare.kv.response.list_complete": true,
    },
  ],
  [
    "list without options",
    (target) => target.list(),
    {
      "db.operation.name": "list",
      "cloudflare.kv.response.returned_rows": 2,
      "cloudflare.kv.response.list_complete": true,
    },
  ],
];

const writes: typeof reads = [
  [
    "put of text with options",
    (target) => target.put("c", "text", { expirationTtl: 60, metadata: { secret: 1 } }),
    {
      "db.operation.name": "put",
      ...one("c"),
      "cloudflare.kv.query.expiration_ttl": 60,
      "cloudflare.kv.query.metadata": true,
    },
  ],
  [
    "put of a buffer",
    (target) => target.put("c", new Uint8Array(5)),
    { "db.operation.name": "put", ...one("c"), "cloudflare.kv.query.payload.size": 5 },
  ],
  ["delete", (target) => target.delete("c"), { "db.operation.name": "delete", ...one("c") }],
];

describe("a call answers the same, and its span tells all but values", () => {
  test.each([...reads, ...writes])("%s", async (_what, call, attributes) => {
    const { root, spans } = await compare(call);
    const { "db.operation.name": operation } = attributes as { "db.operation.name": string };
    expect(spans).toEqual([
      {
        traceId: root.traceId,
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        parentSpanId: root.spanId,
        traceState: undefined,
        name: `${operation} SESSIONS`,
        kind: "CLIENT",
        startMs: expect.any(Number),
        durationMs: expect.any(Number),
        attributes: { ...common, ...attributes },
        events: [],
        links: [],
        status: { code: "UNSET", message: undefined },
        resource: root.resource,
        scope: "edgespan",
      },
    ]);
    await kv.delete("c");
  });

  test("a stream is handed over unread", async () => {
    const { value } = await traced(
      async () => {
        const stream = await kv.get("a", "stream");
        return { locked: stream?.locked, text: await new Response(stream).text() };
      },
      { env },
    );
    expect(value).toEqual({ locked: false, text: "1" });
  });

  test("a list of keys is cut where Cloudflare's own spans cut it", async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `session-${index}`);
    const { spans } = await compare((target) => target.get(keys));
    expect(spans).toMatchObject([
      {
        attributes: {
          "cloudflare.kv.query.keys": `${keys.join(", ").slice(0, 509)}...`,
          "cloudflare.kv.query.keys.count": 100,
          "cloudflare.kv.response.returned_rows": 0,
        },
      },
    ]);
  });
});

describe("a call that fails, fails the same, and its span says so", () => {
  test.each<[string, (target: KVNamespace) => unknown, string]>([
    ["put with an empty key", (target) => target.put("", "1"), "Key name cannot be empty."],
    ["get with an empty key", (target) => target.get(""), "Key name cannot be empty."],
    [
      "get with an unknown type",
      (target) => Reflect.apply(target.get, target, ["a", "xml"]),
      expect.stringContaining("Unknown response type"),
    ],
    [
      "put that expires too soon",
      (target) => target.put("a", "1", { expirationTtl: 1 }),
      expect.stringContaining("Invalid expiration_ttl"),
    ],
  ])("%s", async (_what, call, message) => {
    const { root, spans } = await compare(call);
    expect(spans).toMatchObject([
      {
        parentSpanId: root.spanId,
        attributes: { ...common, "error.type": expect.stringMatching(/Error$/) },
        status: { code: "ERROR", message },
        events: [{ name: "exception" }],
      },
    ]);
    expect(root.status.code).toBe("UNSET");
  });

  test("the very error that was thrown or rejected arrives (a class of the same name)", async () => {
    const rejected = new RangeError("later");
    const thrown = new RangeError("once");
    class KvNamespace {
      async get(): Promise<never> {
        throw rejected;
      }
      put(): never {
        throw thrown;
      }
    }
    const stub = new KvNamespace();
    const { value, spans } = await traced(
      async () => [await thrownBy(() => stub.get()), await thrownBy(() => stub.put())],
      { env: { STUB: stub } },
    );
    expect(value.map((caught) => caught?.thrown)).toEqual([rejected, thrown]);
    expect(value[0]?.thrown).toBe(rejected);
    expect(value[1]?.thrown).toBe(thrown);
    expect(spans).toMatchObject([
      { name: "get STUB", status: { code: "ERROR", message: "later" } },
      { name: "put STUB", status: { code: "ERROR", message: "once" } },
    ]);
  });

  test("a method taken off its namespace throws as before, also one that is bound works", async () => {
    const taken = await compare((target) => {
      if (target !== kv) return Reflect.apply(identity, undefined, ["a"]);
      const { get } = target;
      return get("a");
    });
    expect(taken.spans).toMatchObject([{ name: "get kv", status: { code: "ERROR" } }]);
    const bound = await compare((target) => target.get.bind(target)("a"));
    expect(bound.spans).toMatchObject([{ name: "get SESSIONS" }]);
  });
});

describe("which calls make spans", () => {
  test("those of `env` from cloudflare:workers, where the platform invokes the Worker", async () => {
    const served = serve({
      async fetch() {
        return new Response(await (importedEnv as unknown as Env).SESSIONS.get("a"));
      },
    });
    const response = await served.send("/imported");
    expect(await response.text()).toBe("1");
    await vi.waitFor(() => expect(served.collector.spans()).toHaveLength(2));
    expect(served.collector.traces()).toMatchObject([
      { roots: [{ name: "GET", children: [{ name: "get SESSIONS", kind: "CLIENT" }] }] },
    ]);
  });

  test("those of a library that was given the binding before", async () => {
    const { value, spans } = await traced(() => store.read("a"), { env });
    expect(value).toBe("1");
    expect(spans).toMatchObject([{ name: "get SESSIONS" }]);
  });

  test("each call once, however often handlers are instrumented", async () => {
    const collector = createCollector();
    const handler = { fetch: async () => new Response(await kv.get("a")) };
    instrument(handler, exporterOf(collector));
    const { spans } = await invoke(instrument(handler, exporterOf(collector)), { env });
    expect(spans.map(({ name }) => name).toSorted()).toEqual(["GET", "get SESSIONS"]);
  });

  test("none where the request is not sampled", async () => {
    const sent = request("/", { headers: UNSAMPLED });
    const { response, collector } = await invoke(
      { fetch: async () => new Response(await kv.get("a")) },
      { env, request: sent },
    );
    expect(await response.text()).toBe("1");
    expect(collector.exports).toEqual([]);
  });

  test("concurrent ones are siblings below the span that made them", async () => {
    const { root, spans } = await traced(
      () =>
        Promise.all([
          kv.get("a"),
          span("first", () => Promise.all([kv.get("a"), kv.get("b")])),
          span("second", async () => {
            await kv.get("none");
            await kv.get("b");
          }),
        ]),
      { env },
    );
    const parents = new Map([...spans, root].map(({ spanId, name }) => [spanId, name]));
    const calls = spans.filter(({ kind }) => kind === "CLIENT");
    const told = calls.map(({ parentSpanId, attributes }) => [
      parents.get(parentSpanId ?? ""),
      attributes["cloudflare.kv.query.keys"],
    ]);
    expect(told.map(String).toSorted()).toEqual([
      "GET,a",
      "first,a",
      "first,b",
      "second,b",
      "second,none",
    ]);
  });

  test("concurrent ones of two requests stay in their own traces", async () => {
    const handle = (path: string) =>
      invoke(
        { fetch: async () => new Response(await kv.get(path)) },
        { env, request: request(`/${path}`) },
      );
    const invoked = await Promise.all(["a", "b"].map(handle));
    for (const [index, { collector }] of invoked.entries()) {
      const key = ["a", "b"][index];
      expect(collector.traces()).toMatchObject([
        {
          roots: [
            {
              attributes: { "url.path": `/${key}` },
              children: [{ attributes: { "cloudflare.kv.query.keys": key } }],
            },
          ],
        },
      ]);
      expect(collector.spans()).toHaveLength(2);
    }
  });
});

describe("what is left alone", () => {
  test("a class of another name and an object literal, whatever their methods are named", async () => {
    class SessionStore {
      get(key: string): string {
        return `own ${key}`;
      }
    }
    const own = new SessionStore();
    const literal = { get: (key: string) => `literal ${key}`, put: () => 1 };
    const before = [SessionStore.prototype.get, literal.get, literal.put];
    const { value, spans } = await traced(() => [own.get("a"), literal.get("a")], {
      env: { OWN: own, LITERAL: literal, TEXT: "text", NOTHING: null },
    });
    expect(value).toEqual(["own a", "literal a"]);
    expect([SessionStore.prototype.get, literal.get, literal.put]).toEqual(before);
    expect(spans).toEqual([]);
  });

  test("the namespace itself: it stays the same object, with methods of the same name and length", () => {
    expect(env.SESSIONS).toBe(kv);
    expect(Object.keys(kv)).toEqual([]);
    expect([kv.get.name, kv.get.length]).toEqual([identity.name, identity.length]);
    expect(kv.get).not.toBe(identity);
  });
});
