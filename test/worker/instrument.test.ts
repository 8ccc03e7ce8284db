import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { ConfigError, span } from "edgespan";
import { createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { Hono } from "hono";
import { describe, expect, test, vi } from "vitest";
import { exporterOf, invoke, request, sleep, thrownBy } from "./invoke.ts";

const quiet = exporterOf(createCollector());

describe("what the handler answers", () => {
  test.each([
    ["an async handler", async (response: Response) => response],
    ["a sync handler", (response: Response) => response],
    ["a handler that answers later", (response: Response) => sleep(1).then(() => response)],
  ])("is the same Response object: %s", async (_kind, answer) => {
    const response = new Response("hello", { status: 418, headers: { "x-a": "b" } });
    const traced = instrument({ fetch: (_request: Request) => answer(response) }, quiet);
    expect(await traced.fetch(request())).toBe(response);
  });

  test("comes at once where the handler is synchronous", () => {
    const response = new Response();
    const traced = instrument({ fetch: (_request: Request) => response }, quiet);
    expect(traced.fetch(request())).toBe(response);
  });

  test("keeps its body unread, streamed and its WebSocket open", async () => {
    const pair = new WebSocketPair();
    const upgraded = new Response(null, { status: 101, webSocket: pair[0] });
    const { response, spans } = await invoke({ fetch: () => upgraded });
    expect(response).toBe(upgraded);
    expect(response.webSocket).toBe(pair[0]);
    expect(spans).toMatchObject([{ attributes: { "http.response.status_code": 101 } }]);

    const streamed = new Response(new Blob(["a", "b"]).stream());
    const second = await invoke({ fetch: () => streamed });
    expect(second.response.bodyUsed).toBe(false);
    expect(await second.response.text()).toBe("ab");
  });

  test("may be what no Response is, and the span invents no error for it", async () => {
    const handler = { fetch: () => "no response" as unknown as Response };
    const { response, spans } = await invoke(handler);
    expect(response).toBe("no response");
    expect(spans).toMatchObject([{ status: { code: "UNSET" } }]);
    expect(spans[0]?.attributes).not.toHaveProperty("error.type");
  });
});

describe("what the handler throws", () => {
  const values: [string, unknown][] = [
    ["an Error", new Error("boom")],
    ["an Error with a cause", new TypeError("boom", { cause: new Error("why") })],
    ["a frozen Error", Object.freeze(new RangeError("cold"))],
    ["a DOMException", new DOMException("no", "AbortError")],
    ["a string", "boom"],
    ["undefined", undefined],
    ["null", null],
    ["a number", 42],
    ["a symbol", Symbol("boom")],
    ["a frozen object", Object.freeze({ message: "boom" })],
    ["an object without a prototype", Object.create(null)],
    ["a Response", new Response("thrown")],
    ["an Error with hostile getters", hostile()],
    ["a revoked proxy", revoked()],
  ];

  test.each(values)("is the same value when thrown at once: %s", async (_kind, value) => {
    const traced = instrument(
      {
        fetch(_request: Request): Response {
          throw value;
        },
      },
      quiet,
    );
    let caught: { thrown: unknown } | undefined;
    try {
      traced.fetch(request());
    } catch (thrown) {
      caught = { thrown };
    }
    expect(caught !== undefined && Object.is(caught.thrown, value)).toBe(true);
  });

  test.each(values)("is the same value when rejected: %s", async (_kind, value) => {
    const handler = {
      async fetch(): Promise<Response> {
        await sleep(0);
        throw value;
      },
    };
    const caught = await thrownBy(() => invoke(handler));
    expect(caught !== undefined && Object.is(caught.thrown, value)).toBe(true);
  });

  function hostile(): Error {
    return Object.defineProperties(new Error("hostile"), {
      message: { get: () => raise("message") },
      name: { get: () => raise("name") },
      stack: { get: () => raise("stack") },
    });
  }
  function revoked(): unknown {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }
  function raise(what: string): never {
    throw new Error(`${what} was read`);
  }
});

describe("what the handler is given", () => {
  test("are the very objects that the platform passed, all of them", async () => {
    const seen: unknown[][] = [];
    const handler = {
      fetch(...args: unknown[]) {
        seen.push(args);
        return new Response();
      },
    };
    const args = [request(), { KEY: "value" }, createExecutionContext(), "a fourth"] as const;
    instrument(handler, quiet).fetch(...args);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toHaveLength(4);
    expect(seen[0]?.every((value, index) => value === args[index])).toBe(true);
  });

  test("an env that enumerates and serialises as before", async () => {
    const env = Object.freeze({ A: "1", NESTED: { b: [2] } });
    const tell = (_request: Request, given: object) =>
      Response.json([Object.keys(given), JSON.stringify(given), { ...given }]);
    const { response } = await invoke({ fetch: tell }, { env });
    expect(await response.json()).toEqual(await tell(request(), env).json());
  });

  test("a ctx whose methods behave as without tracing, also when taken off it", async () => {
    const attempts = (ctx: ExecutionContext): unknown[] => {
      const { waitUntil, passThroughOnException } = ctx;
      return [
        () => waitUntil(Promise.resolve()),
        () => passThroughOnException(),
        () => ctx.waitUntil(Promise.resolve()),
        () => ctx.passThroughOnException(),
      ].map(outcome);
    };
    const inside: unknown[] = [];
    await invoke({
      fetch(_request, _env, ctx) {
        inside.push(...attempts(ctx));
        return new Response();
      },
    });
    expect(inside).toEqual(attempts(createExecutionContext()));
    expect(inside.slice(2)).toEqual(["ran", "ran"]);

    function outcome(run: () => void): string {
      try {
        run();
        return "ran";
      } catch (error) {
        return String(error);
      }
    }
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty object", {}],
    ["a ctx that no longer takes work", { waitUntil: () => unavailable() }],
  ])("instead of a ctx: %s, and it still answers and exports", async (_kind, ctx) => {
    const collector = createCollector();
    const handler = {
      fetch: async (_request: Request, _env: unknown, _ctx: unknown) => new Response("hello"),
    };
    const response = await instrument(handler, exporterOf(collector)).fetch(request(), {}, ctx);
    expect(await response.text()).toBe("hello");
    expect(await collector.waitForSpans(1)).toMatchObject([{ name: "GET" }]);
  });

  test("a request that is none, and it still answers", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const handler = { fetch: (given: unknown) => Response.json({ given }) };
    const traced = instrument(handler, quiet);
    expect(await traced.fetch({ url: "/relative" }).json()).toEqual({
      given: { url: "/relative" },
    });
    expect(await traced.fetch(undefined).json()).toEqual({});
    vi.restoreAllMocks();
  });

  function unavailable(): never {
    throw new TypeError("Illegal invocation");
  }
});

describe("this", () => {
  class Shop {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    fetch(_request: Request): Response {
      return new Response(this.#name);
    }
    scheduled(): string {
      return this.#name;
    }
  }

  test("is the handler itself, private fields and all", async () => {
    const traced = instrument(new Shop("corner shop"), quiet);
    expect(await traced.fetch(request()).text()).toBe("corner shop");
    expect(traced.scheduled()).toBe("corner shop");
    expect(traced).toBeInstanceOf(Shop);
    expect(Object.keys(traced)).toEqual([]);
  });

  test("is the handler also where it is frozen", async () => {
    const handler = Object.freeze({
      name: "frozen",
      fetch(_request: Request) {
        return Response.json([this === handler, this.name]);
      },
    });
    const traced = instrument(handler, quiet);
    expect(await traced.fetch(request()).json()).toEqual([true, "frozen"]);
    expect(Object.keys({ ...traced })).toEqual(["name", "fetch"]);
  });

  test("is the handler also where methods come from getters", async () => {
    const handler = {
      get fetch() {
        return function (this: unknown, _request: Request) {
          return Response.json(this === handler);
        };
      },
      get queue() {
        return function (this: unknown) {
          return this === handler;
        };
      },
    };
    const traced = instrument(handler, quiet);
    expect(await traced.fetch(request()).json()).toBe(true);
    expect(traced.queue()).toBe(true);
  });

  test("is missing, as without tracing, where a caller takes fetch off the handler", () => {
    const { fetch: detached } = instrument(new Shop("corner shop"), quiet);
    const { fetch: bare } = new Shop("corner shop");
    const failure = (call: () => unknown): unknown => {
      try {
        return call();
      } catch (error) {
        return String(error);
      }
    };
    expect(failure(() => detached(request()))).toBe(failure(() => bare(request())));
  });

  test("works for a Hono app, and its own ways in stay open", async () => {
    const app = new Hono().get("/", (c) => c.text("hono"));
    const traced = instrument(app, quiet);
    expect(await (await traced.fetch(request())).text()).toBe("hono");
    expect(await (await traced.request("/")).text()).toBe("hono");
    expect(await (await app.fetch(request())).text()).toBe("hono");
    expect(await (await app.request("/")).text()).toBe("hono");
    expect(traced.routes).toBe(app.routes);
  });
});

describe("handlers of other kinds", () => {
  const run = (
    kind: string,
  ): { traced: unknown; result: Promise<string>; seen: unknown[]; args: unknown[] } => {
    const seen: unknown[] = [];
    const result = Promise.resolve(kind);
    const handler = {
      fetch: () => new Response(),
      [kind](...args: unknown[]) {
        seen.push(this === handler, ...args);
        return result;
      },
    };
    const args = [{ event: kind }, {}, createExecutionContext()];
    const traced = instrument(handler, quiet) as unknown as Record<string, typeof call>;
    return { traced: traced[kind]?.(...args), result, seen, args };
  };
  const isSame = (seen: unknown[], args: unknown[]): boolean =>
    seen[0] === true &&
    seen.length === 4 &&
    args.every((value, index) => value === seen[index + 1]);

  test.each(["tailStream", "trace", "test"])("%s passes through untouched", (kind) => {
    const { traced, result, seen, args } = run(kind);
    expect(traced).toBe(result);
    expect(isSame(seen, args)).toBe(true);
  });

  test.each(["scheduled", "queue", "email", "tail"])(
    "%s gets its receiver and arguments, also an event of no known shape, and its result comes back",
    async (kind) => {
      const { traced, seen, args } = run(kind);
      expect(traced).toBeInstanceOf(Promise);
      expect(await traced).toBe(kind);
      expect(isSame(seen, args)).toBe(true);
    },
  );

  test("throw what they throw", () => {
    const error = new Error("no mail today");
    const handler = {
      fetch: () => new Response(),
      email() {
        throw error;
      },
    };
    expect(() => instrument(handler, quiet).email()).toThrow(error);
  });

  test("have the names and lengths that they had", () => {
    const traced = instrument(
      {
        async fetch(_request: Request, _env: unknown) {
          return new Response();
        },
      },
      quiet,
    );
    expect([traced.fetch.name, traced.fetch.length]).toEqual(["fetch", 2]);
  });

  test("are not made up", () => {
    const traced = instrument({ fetch: () => new Response() }, quiet);
    expect("scheduled" in traced).toBe(false);
    expect(Object.keys(traced)).toEqual(["fetch"]);
  });

  test("keep whatever else the handler holds", () => {
    const secret = Symbol("secret");
    const handler = { fetch: () => new Response(), version: 3, [secret]: true };
    expect(instrument(handler, quiet)).toMatchObject({ version: 3, [secret]: true });
  });

  function call(..._args: unknown[]): unknown {
    return undefined;
  }
});

describe("options", () => {
  test("as a function get the env of the first request, once", async () => {
    const seen: unknown[] = [];
    const handler = { fetch: (_request: Request, _env: object) => new Response() };
    const traced = instrument(handler, (env) => {
      seen.push(env);
      return quiet;
    });
    expect(seen).toEqual([]);
    const env = { NAME: "first" };
    traced.fetch(request(), env);
    traced.fetch(request(), { NAME: "second" });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(env);
  });

  test("that are wrong throw an error that names the fix", async () => {
    const traced = instrument(
      { fetch: (_request: Request) => new Response() },
      { exporter: { url: "collector" } },
    );
    expect(() => traced.fetch(request())).toThrow(
      new ConfigError(
        'edgespan: exporter.url "collector" must be absolute, e.g. https://host/v1/traces',
      ),
    );
  });

  test("that are wrong warn once and turn tracing off with strict: false", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const response = new Response();
    const traced = instrument(
      { fetch: (_request: Request) => response },
      { exporter: { url: "collector" }, strict: false },
    );
    expect(traced.fetch(request())).toBe(response);
    expect(traced.fetch(request())).toBe(response);
    expect(warn.mock.calls).toEqual([
      [
        'edgespan: exporter.url "collector" must be absolute, e.g. https://host/v1/traces; tracing is off until then',
      ],
    ]);
    warn.mockRestore();
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a string", "handler"],
    ["a function", () => new Response()],
    ["an object without a handler", { alarm() {} }],
    ["an object whose fetch is no function", { fetch: "yes" }],
  ])("instrument() refuses %s and says what it needs", (_kind, handler) => {
    const wrong = () => instrument(handler as unknown as object);
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(/instrument\(handler\) needs an object with .*fetch/);
  });

  test("disabled: true leaves the handler as it was", async () => {
    const collector = createCollector();
    const ctx = createExecutionContext();
    const waitUntil = vi.spyOn(ctx, "waitUntil");
    const handler = {
      fetch: (_request: Request, _env: unknown, _ctx: unknown) =>
        span("inner", () => new Response()),
    };
    const traced = instrument(handler, { ...exporterOf(collector), disabled: true });
    expect(traced.fetch(request(), {}, ctx)).toBeInstanceOf(Response);
    await waitOnExecutionContext(ctx);
    expect(waitUntil).not.toHaveBeenCalled();
    expect(collector.requests).toBe(0);
  });
});

describe("several at a time", () => {
  test("instrumenting again replaces the options, and records each request once", async () => {
    const [first, second] = [createCollector(), createCollector()];
    const response = new Response("once");
    const handler = {
      fetch: async (_request: Request, _env: unknown, _ctx: ExecutionContext) => response,
    };
    const twice = instrument(instrument(handler, exporterOf(first)), exporterOf(second));
    const ctx = createExecutionContext();
    expect(await twice.fetch(request(), {}, ctx)).toBe(response);
    await waitOnExecutionContext(ctx);
    expect(first.requests).toBe(0);
    expect(second.spans()).toMatchObject([{ name: "GET" }]);
  });

  test("concurrent requests never share spans", async () => {
    const collector = createCollector();
    const traced = instrument(
      {
        async fetch(given: Request, _env: unknown, _ctx: ExecutionContext) {
          const { pathname } = new URL(given.url);
          await span(`first${pathname}`, () => sleep(Math.random() * 5));
          await span(`second${pathname}`, () => span(`third${pathname}`, () => sleep(1)));
          return new Response(pathname);
        },
      },
      exporterOf(collector),
    );
    const paths = Array.from({ length: 50 }, (_, index) => `/${index}`);
    const ctx = createExecutionContext();
    const answers = await Promise.all(
      paths.map(async (path) => (await traced.fetch(request(path), {}, ctx)).text()),
    );
    await waitOnExecutionContext(ctx);
    expect(answers).toEqual(paths);
    const seen = collector.traces().map(({ roots }) => {
      expect(roots).toHaveLength(1);
      const path = roots[0]?.attributes["url.path"] as string;
      const names = roots[0]?.children.map(({ name, children }) => [
        name,
        children.map((child) => child.name),
      ]);
      expect(names).toEqual([
        [`first${path}`, []],
        [`second${path}`, [`third${path}`]],
      ]);
      return path;
    });
    expect(seen.toSorted()).toEqual(paths.toSorted());
  });
});
