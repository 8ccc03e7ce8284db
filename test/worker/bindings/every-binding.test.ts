import { env } from "cloudflare:test";
import { env as imported } from "cloudflare:workers";
import { type HeadSampler, span } from "edgespan";
import { never } from "edgespan/sampling";
import { describe, expect, it, test } from "vitest";
import { invoke, thrownBy, traced } from "../invoke.ts";

interface Env {
  SESSIONS: KVNamespace;
}

const { SESSIONS } = env as unknown as Env;
describe("a binding", () => {
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

  it("is looked at by nobody in an invocation that is not sampled, unless a sampler of others asks", async () => {
    let reads = 0;
    const options = {
      get type(): "text" {
        reads++;
        return "text";
      },
    };
    const readsOf = async (head?: HeadSampler): Promise<number> => {
      reads = 0;
      const fetch = async (): Promise<Response> =>
        new Response(await SESSIONS.get("user", options));
      if (head) await invoke({ fetch }, { env, options: { sampling: { head } } });
      else await fetch();
      return reads;
    };
    const bare = await readsOf();
    const asked: string[] = [];
    const others: HeadSampler = {
      shouldSample(_context, _traceId, name) {
        asked.push(name);
        return { decision: 0 };
      },
      toString: () => "others",
    };
    expect(bare).toBeGreaterThan(0);
    expect([await readsOf(never), (await readsOf(others)) > bare]).toEqual([bare, true]);
    expect(asked).toEqual(["GET", "get SESSIONS"]);
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
