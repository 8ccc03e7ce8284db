/** What a backend is told of a request and of calls of bindings, and nothing beside: each thing that could be is a word of its own. */
import { env as given } from "cloudflare:test";
import { trace } from "@opentelemetry/api";
import { span } from "edgespan";
import { traceRpc } from "edgespan/worker";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { invoke, request, thrownBy, traced } from "./invoke.ts";

interface Env {
  SESSIONS: KVNamespace;
  FILES: R2Bucket;
  SHOP: D1Database;
  ORDERS: Queue;
  CARTS: DurableObjectNamespace;
  PRICES: {
    fetch(url: string, init: RequestInit): Promise<Response>;
    of(item: string): Promise<number>;
  };
}
const env = given as unknown as Env;
const { SESSIONS, FILES, SHOP, ORDERS, CARTS, PRICES } = env;

/** A text that can be found again. */
const secret = (what: string): string => `hunter2${what}`;
const SSEC_KEY = "0123456789abcdef".repeat(4);

/** What of all that was `secret` is told, sorted. */
function wordsOf(told: unknown): string[] {
  const found = JSON.stringify(told).match(/(?<=hunter2)[a-zA-Z]+|0123456789abcdef/g) ?? [];
  return [...new Set(found)].toSorted();
}

/** What is told of work, also where it fails. */
async function toldOf(work: () => unknown): Promise<string[]> {
  const { spans, root } = await traced(() => thrownBy(work), { env });
  expect(spans.length).toBeGreaterThan(0);
  return wordsOf([spans, root]);
}

beforeAll(async () => {
  await SHOP.exec("CREATE TABLE IF NOT EXISTS told (id INTEGER PRIMARY KEY, name TEXT)");
});

test("of a request: method, URL, host and user agent", async () => {
  const names = ["authorization", "cookie", "referer", "x-api-key", "x-forwarded-for", "forwarded"];
  const addresses = ["cf-connecting-ip", "true-client-ip", "x-real-ip", "baggage"];
  const headers = Object.fromEntries(
    [...names, ...addresses].map((name) => [name, `a=${secret(name.replaceAll("-", ""))}`]),
  );
  const path = `/${secret("path")}?q=${secret("query")}&sig=${secret("sig")}#${secret("fragment")}`;
  const sent = new Request(
    `https://${secret("user")}:${secret("password")}@${secret("host")}${path}`,
    {
      method: "POST",
      body: secret("body"),
      headers: { ...headers, "user-agent": secret("agent") },
    },
  );
  const handler = {
    fetch: () =>
      new Response(secret("answer"), {
        status: 401,
        statusText: secret("reason"),
        headers: { "set-cookie": secret("cookie"), location: secret("location") },
      }),
  };
  const { spans } = await invoke(handler, { request: sent });
  expect(wordsOf(spans)).toEqual(["agent", "host", "path", "query"]);
});

test("of a request that fails: what was thrown, and of its causes nothing", async () => {
  class Denied extends Error {
    readonly card = secret("property");
  }
  const fail = (): never => {
    const cause = new Error(secret("cause"));
    throw new Denied(secret("message"), { cause: new AggregateError([cause], secret("all")) });
  };
  const { value, spans } = await traced(() => thrownBy(() => span("denied", fail)));
  expect(value?.thrown).toBeInstanceOf(Denied);
  expect(wordsOf(spans)).toEqual(["message"]);
});

test("of a request whose body is no JSON: nothing of the body", async () => {
  const body = `password=${secret("body")}`;
  const sent = request("/", { method: "POST", body: secret("body") });
  const fail = async (): Promise<Response> => Response.json(await sent.json());
  const { value, spans, root } = await traced(() => thrownBy(() => span("read", fail)));
  expect(String(value?.thrown)).toContain("hunter2");
  expect(() => JSON.parse(body) as unknown).toThrow("passwo");
  expect([root, ...spans].length).toBe(2);
  expect(wordsOf([root, spans])).toEqual([]);
});

test("of an outgoing request: its URL", async () => {
  const told = await toldOf(async () => {
    const url = new URL(`${inject("echo")}/${secret("path")}?q=${secret("query")}`);
    Object.assign(url, { username: secret("user"), password: secret("password") });
    url.hash = secret("fragment");
    url.searchParams.set("X-Amz-Credential", secret("credential"));
    url.searchParams.set("to", `https://files.example/?X-Amz-Signature=${secret("inner")}`);
    const headers = { authorization: secret("authorization"), cookie: secret("cookie") };
    const answer = await fetch(url, { method: "POST", body: secret("body"), headers });
    expect(await answer.text()).toContain(secret("body"));
  });
  expect(told).toEqual(["path", "query"]);
});

test("of a redirect: where the request went first", async () => {
  expect(await toldOf(() => fetch(`${inject("echo")}/redirect?q=${secret("query")}`))).toEqual([
    "query",
  ]);
});

describe("of a binding: keys, prefixes and names", () => {
  test.each<[string, () => unknown, string[]]>([
    [
      "KV put",
      () =>
        SESSIONS.put(secret("key"), secret("value"), {
          metadata: { user: secret("metadata") },
          expirationTtl: 60,
        }),
      ["key"],
    ],
    ["KV getWithMetadata", () => SESSIONS.getWithMetadata(secret("key")), ["key"]],
    ["KV get of several", () => SESSIONS.get([secret("one"), secret("two")]), ["one", "two"]],
    [
      "KV list",
      () => SESSIONS.list({ prefix: secret("prefix"), cursor: secret("cursor") }),
      ["prefix"],
    ],
    [
      "R2 put",
      () =>
        FILES.put(secret("key"), secret("body"), {
          ssecKey: SSEC_KEY,
          customMetadata: { user: secret("metadata") },
          httpMetadata: { contentDisposition: secret("disposition") },
        }),
      ["key"],
    ],
    [
      "R2 get with the wrong key",
      () => FILES.get(secret("key"), { ssecKey: "1".repeat(64) }),
      ["key"],
    ],
    ["R2 get", () => FILES.get(secret("key"), { ssecKey: SSEC_KEY }), ["key"]],
    [
      "R2 list",
      () =>
        FILES.list({
          prefix: secret("prefix"),
          startAfter: secret("after"),
          include: ["customMetadata"],
        }),
      ["after", "prefix"],
    ],
    [
      "D1",
      () =>
        SHOP.prepare(`INSERT INTO told (name) VALUES ('${secret("literal")}'), (?)`)
          .bind(secret("bound"))
          .run(),
      [],
    ],
    [
      "D1, comments and blobs",
      () =>
        SHOP.prepare(`SELECT x'00', name FROM told WHERE name = ? -- ${secret("comment")}`)
          .bind(secret("bound"))
          .all(),
      [],
    ],
    [
      "the cache",
      () =>
        caches.default.put(
          `https://${secret("user")}:${secret("password")}@cache.test/${secret("path")}?Signature=${secret("sig")}#${secret("fragment")}`,
          new Response(secret("body"), {
            headers: { "x-a": secret("header"), "cache-control": "max-age=60" },
          }),
        ),
      ["path"],
    ],
    ["a queue", () => ORDERS.send({ user: secret("body") }), []],
    ["a queue's batch", () => ORDERS.sendBatch([{ body: secret("body") }]), []],
    [
      "a service",
      () =>
        PRICES.fetch(`http://${secret("host")}/${secret("path")}?sig=${secret("sig")}`, {
          method: "POST",
          body: secret("body"),
          headers: { authorization: secret("authorization") },
        }),
      ["host", "path"],
    ],
    ["RPC of a service", () => traceRpc(PRICES).of(secret("argument")), []],
    [
      "a Durable Object",
      () => CARTS.getByName(secret("name")).fetch(`http://cart/?sig=${secret("sig")}`),
      ["name"],
    ],
  ])("%s", async (_call, work, told) => {
    expect(await toldOf(work)).toEqual(told);
  });
});

test("of an exception that the application records: its URLs without what is secret", async () => {
  const { spans } = await traced(() =>
    span("work", (active) => {
      active.recordException(new Error(`no ${request(`/?sig=${secret("sig")}`).url}`));
      trace.getActiveSpan()?.recordException(`at https://a:${secret("password")}@host/`);
    }),
  );
  expect(spans[0]?.events.length).toBe(2);
  expect(wordsOf(spans)).toEqual([]);
});
