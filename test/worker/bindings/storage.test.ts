import { env } from "cloudflare:test";
import { env as imported } from "cloudflare:workers";
import { span } from "edgespan";
import { describe, expect, it, test } from "vitest";
import { invoke, thrownBy, traced } from "../invoke.ts";

interface Env {
  SESSIONS: KVNamespace;
  FILES: R2Bucket;
}

const { SESSIONS, FILES } = env as unknown as Env;
const KV = {
  "cloudflare.binding.name": "SESSIONS",
  "cloudflare.binding.type": "KV",
  "db.system.name": "cloudflare-kv",
};
const R2 = { "cloudflare.binding.name": "FILES", "cloudflare.binding.type": "R2" };

const keys = (...all: string[]): object => ({
  "cloudflare.kv.query.keys": all.join(", "),
  "cloudflare.kv.query.keys.count": all.length,
});

describe("KV", () => {
  it("has a CLIENT span for each call, with its key and never a value", async () => {
    const { value, root, spans } = await traced(
      async () => {
        await SESSIONS.put("user", "secret");
        const got = [
          await SESSIONS.get("user"),
          await SESSIONS.get("nobody"),
          (await SESSIONS.getWithMetadata("user")).value,
        ];
        const many = await SESSIONS.get<string>(["user", "nobody"]);
        await SESSIONS.delete("user");
        return [...got, [...many], (await SESSIONS.list()).keys];
      },
      { env },
    );
    expect(value).toEqual([
      "secret",
      null,
      "secret",
      [
        ["user", "secret"],
        ["nobody", null],
      ],
      [],
    ]);
    expect(
      spans.map(({ name, kind, parentSpanId, attributes }) => [
        name,
        kind,
        parentSpanId === root.spanId,
        attributes,
      ]),
    ).toEqual([
      ["put SESSIONS", "CLIENT", true, { ...KV, "db.operation.name": "put", ...keys("user") }],
      ["get SESSIONS", "CLIENT", true, { ...KV, "db.operation.name": "get", ...keys("user") }],
      ["get SESSIONS", "CLIENT", true, { ...KV, "db.operation.name": "get", ...keys("nobody") }],
      [
        "getWithMetadata SESSIONS",
        "CLIENT",
        true,
        { ...KV, "db.operation.name": "getWithMetadata", ...keys("user") },
      ],
      [
        "get SESSIONS",
        "CLIENT",
        true,
        { ...KV, "db.operation.name": "get", ...keys("user", "nobody") },
      ],
      [
        "delete SESSIONS",
        "CLIENT",
        true,
        { ...KV, "db.operation.name": "delete", ...keys("user") },
      ],
      ["list SESSIONS", "CLIENT", true, { ...KV, "db.operation.name": "list" }],
    ]);
    expect(JSON.stringify(spans)).not.toContain("secret");
  });

  it("rejects as without tracing, and says so on the span", async () => {
    const put = (): Promise<void> => SESSIONS.put("", "value");
    const bare = await thrownBy(put);
    const { value, spans } = await traced(() => thrownBy(put), { env });
    expect(String(value?.thrown)).toBe(String(bare?.thrown));
    expect(spans).toMatchObject([{ name: "put SESSIONS", status: { code: "ERROR" } }]);
  });

  it("has its methods borrowed, bound and taken off as without tracing", async () => {
    const attempts = async (): Promise<string[]> => {
      const { get } = SESSIONS;
      const tries = [
        () => get("user"),
        () => Reflect.apply(get as (key: string) => unknown, SESSIONS, ["user"]),
        () => SESSIONS.get.bind(SESSIONS)("user"),
        () => (SESSIONS as unknown as { get(): unknown }).get(),
      ];
      return Promise.all(tries.map(async (run) => String((await thrownBy(run))?.thrown)));
    };
    const bare = await attempts();
    const { value } = await traced(attempts, { env });
    expect([value, [SESSIONS.get.name, SESSIONS.get.length]]).toEqual([bare, ["get", 0]]);
  });

  it("is instrumented where it is imported, too, and the object that it was", async () => {
    const own = (imported as unknown as Env).SESSIONS;
    const { spans } = await traced(() => own.get("user"), { env });
    expect([own === SESSIONS, spans.length]).toEqual([true, 1]);
  });

  it("has one span a call however many handlers are instrumented, and none outside of an invocation", async () => {
    await invoke({ fetch: () => new Response() }, { env });
    await SESSIONS.get("user");
    const { spans } = await traced(() => SESSIONS.get("user"), { env });
    expect(spans.length).toBe(1);
  });

  it("has each call below the span that is active", async () => {
    const { spans } = await traced(
      () => Promise.all(["a", "b"].map((name) => span(name, async () => SESSIONS.get(name)))),
      { env },
    );
    for (const name of ["a", "b"]) {
      const parent = spans.find((one) => one.name === name);
      const child = spans.find(({ attributes }) => attributes["cloudflare.kv.query.keys"] === name);
      expect(child?.parentSpanId).toBe(parent?.spanId);
    }
  });
});

test("a binding of an unknown class, or a stub that is an object literal, is left alone", async () => {
  class Unknown {
    async get(): Promise<string> {
      return "own";
    }
  }
  const stub = { get: async () => "stub" };
  const given = { UNKNOWN: new Unknown(), STUB: stub, NOTHING: null, TEXT: "text" };
  const { value, spans } = await traced(async () => [await given.UNKNOWN.get(), await stub.get()], {
    env: given,
  });
  expect([value, spans]).toEqual([["own", "stub"], []]);
});

describe("R2", () => {
  it("has a span for each call, with its key and size, and leaves bodies unread", async () => {
    const { value, spans } = await traced(
      async () => {
        await FILES.put("a.txt", "hello");
        const got = await FILES.get("a.txt");
        const unread = got?.bodyUsed;
        const upload = await FILES.createMultipartUpload("b.txt");
        const part = await upload.uploadPart(1, "part");
        await FILES.resumeMultipartUpload("b.txt", upload.uploadId).complete([part]);
        const { objects } = await FILES.list();
        await FILES.delete("a.txt");
        return [
          unread,
          await got?.text(),
          objects.map(({ key }) => key),
          await FILES.head("a.txt"),
        ];
      },
      { env },
    );
    expect(value).toEqual([false, "hello", ["a.txt", "b.txt"], null]);
    const key = "cloudflare.r2.request.key";
    expect(spans.map(({ name, attributes }) => [name, attributes])).toMatchObject([
      ["put FILES", { ...R2, [key]: "a.txt", "cloudflare.r2.response.size": 5 }],
      ["get FILES", { [key]: "a.txt", "cloudflare.r2.response.size": 5 }],
      ["createMultipartUpload FILES", { [key]: "b.txt" }],
      ["uploadPart FILES", { ...R2, [key]: "b.txt" }],
      ["complete FILES", { ...R2, [key]: "b.txt", "cloudflare.r2.response.size": 4 }],
      ["list FILES", R2],
      ["delete FILES", { [key]: "a.txt" }],
      ["head FILES", { [key]: "a.txt" }],
    ]);
  });
});
