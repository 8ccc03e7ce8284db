import { tracing } from "edgespan/hono";
import { type CollectedSpan, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { exporterOf, invoke, request } from "./invoke.ts";

const POST = { method: "POST" };

/** Hono prints what no `onError` takes. */
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

function app(): Hono {
  return new Hono().use(tracing());
}

async function serverSpan(
  hono: Pick<Hono, "fetch">,
  path: string,
  init?: RequestInit,
): Promise<CollectedSpan & { answered: string }> {
  const { response, spans } = await invoke(hono, {
    request: request(path, init),
  });
  const [span, ...others] = spans;
  if (!span || others.length > 0) throw new Error(`${spans.length} spans`);
  return { ...span, answered: await response.text() };
}

/** Name and route of the server span, with what the caller got. */
async function told(hono: Pick<Hono, "fetch">, path: string, init?: RequestInit) {
  const { name, attributes, answered } = await serverSpan(hono, path, init);
  return { name, route: attributes["http.route"], answered };
}

describe("the server span is named after the route that answered", () => {
  const users = new Hono()
    .get("/", (c) => c.text("all users"))
    .get("/:id", (c) => c.text(`user ${c.req.param("id")}`))
    .get("/:id/posts/:post{[0-9]+}", (c) => c.text("post"));
  const v1 = new Hono().basePath("/v1").route("/users", users);
  const routes = app()
    .get("/", (c) => c.text("home"))
    .get("/users/:id", (c) => c.text(c.req.param("id")))
    .post("/users", (c) => c.text("made"))
    .get("/optional/:name?", (c) => c.text("optional"))
    .all("/any", (c) => c.text("any"))
    .on("PURGE", "/cache", (c) => c.text("purged"))
    .on(["PUT", "DELETE"], ["/on/:id", "/off/:id"], (c) => c.text("on"))
    .get("/files/*", (c) => c.text("file"))
    .get(
      "/guarded/:id",
      async (_c, next) => next(),
      (c) => c.text("guarded"),
    )
    .get("/sync", () => new Response("sync"))
    .get("/next/:id", (_c, _next) => Promise.resolve(new Response("declares next")))
    .use("/scoped/*", async (_c, next) => next())
    .get("/scoped/:id", (c) => c.text("scoped"))
    .route("/sub", users)
    .route("/api", v1);

  const cases: [string, RequestInit | undefined, string, string][] = [
    ["/", undefined, "GET /", "home"],
    ["/users/7", undefined, "GET /users/:id", "7"],
    ["/users/a%20b?c=d", undefined, "GET /users/:id", "a b"],
    ["/users", POST, "POST /users", "made"],
    ["/optional", undefined, "GET /optional/:name?", "optional"],
    ["/any", { method: "PATCH" }, "PATCH /any", "any"],
    ["/cache", { method: "PURGE" }, "HTTP /cache", "purged"],
    ["/off/1", { method: "DELETE" }, "DELETE /off/:id", "on"],
    ["/files/a/b.txt", undefined, "GET /files/*", "file"],
    ["/guarded/1", undefined, "GET /guarded/:id", "guarded"],
    ["/sync", undefined, "GET /sync", "sync"],
    ["/next/1", undefined, "GET /next/:id", "declares next"],
    ["/scoped/1", undefined, "GET /scoped/:id", "scoped"],
    ["/users/7", { method: "HEAD" }, "HEAD /users/:id", ""],
    ["/sub", undefined, "GET /sub", "all users"],
    ["/sub/7", undefined, "GET /sub/:id", "user 7"],
    ["/api/v1/users/7/posts/9", undefined, "GET /api/v1/users/:id/posts/:post{[0-9]+}", "post"],
  ];

  test.each(cases)("%s %o", async (path, init, name, answered) => {
    expect(await told(routes, path, init)).toEqual({
      name,
      route: name.slice(name.indexOf(" ") + 1),
      answered,
    });
  });

  test("also where a sub-app handles its errors itself", async () => {
    const shop = new Hono()
      .onError((error, c) => c.text(`shop: ${error.message}`, 503))
      .get("/:id", (c) => c.text("item"))
      .all("/all/:id", (c) => c.text("all"))
      .get("/broken/:id", () => {
        throw new Error("boom");
      });
    const whole = app().route("/shop", shop);
    expect(await told(whole, "/shop/1")).toMatchObject({
      name: "GET /shop/:id",
      route: "/shop/:id",
    });
    expect(await told(whole, "/shop/all/1")).toMatchObject({ route: "/shop/all/:id" });
    expect(await serverSpan(whole, "/shop/broken/1")).toMatchObject({
      name: "GET /shop/broken/:id",
      answered: "shop: boom",
      attributes: { "http.response.status_code": 503, "error.type": "Error" },
      status: { code: "ERROR", message: "boom" },
      events: [{ name: "exception" }],
    });
  });

  test("also where a validator of that very route answers", async () => {
    const whole = app().get(
      "/orders/:id",
      async (c, next) => (c.req.query("ok") ? next() : c.text("invalid", 400)),
      (c) => c.text("order"),
    );
    expect(await told(whole, "/orders/1")).toEqual({
      name: "GET /orders/:id",
      route: "/orders/:id",
      answered: "invalid",
    });
  });
});

describe("the server span keeps its plain name, without a route", () => {
  const teapot = app()
    .use("/closed/*", async (c) => c.text("closed", 403))
    .use("/early/*", async (c, next) => (c.req.query("in") ? next() : c.text("early", 401)))
    .get("/early/:id", (c) => c.text("late"));
  teapot.mount("/mounted", () => new Response("mounted"));

  test.each([
    ["/nowhere", undefined, "404 Not Found"],
    ["/early/1", undefined, "early"],
    ["/early/nowhere/at/all?in=1", undefined, "404 Not Found"],
    ["/mounted/app", undefined, "mounted"],
    ["/early/1?in=1", POST, "404 Not Found"],
  ])("%s", async (path, init, answered) => {
    expect(await told(teapot, path, init)).toEqual({
      name: init?.method ?? "GET",
      route: undefined,
      answered,
    });
  });

  test("where notFound is the application's own", async () => {
    const whole = app().notFound((c) => c.text("nothing here", 404));
    expect(await told(whole, "/nowhere")).toEqual({
      name: "GET",
      route: undefined,
      answered: "nothing here",
    });
  });
});

describe("what a handler throws", () => {
  class OutOfStock extends Error {
    override readonly name = "OutOfStock";
  }
  const thrower = (thrown: unknown) =>
    app().get("/throw/:id", () => {
      throw thrown;
    });

  test("is recorded on the server span, with the route and the status that Hono answers", async () => {
    expect(await serverSpan(thrower(new OutOfStock("no socks")), "/throw/1")).toMatchObject({
      name: "GET /throw/:id",
      answered: "Internal Server Error",
      attributes: {
        "http.route": "/throw/:id",
        "http.response.status_code": 500,
        "error.type": "OutOfStock",
      },
      status: { code: "ERROR", message: "no socks" },
      events: [{ name: "exception", attributes: { "exception.message": "no socks" } }],
    });
  });

  test("is recorded also where onError answers", async () => {
    const whole = thrower(new OutOfStock("no socks")).onError((_error, c) => c.text("sorry", 503));
    expect(await serverSpan(whole, "/throw/1")).toMatchObject({
      answered: "sorry",
      attributes: { "http.response.status_code": 503, "error.type": "OutOfStock" },
      status: { code: "ERROR", message: "no socks" },
      events: [{ name: "exception" }],
    });
  });

  test("is recorded where the rejection comes later, and from middleware", async () => {
    const late = app().get("/late", () => Promise.reject(new OutOfStock("late")));
    const middleware = app()
      .use("/mw/*", (_c, _next) => Promise.reject(new OutOfStock("middle")))
      .get("/mw/1", (c) => c.text("never"));
    expect(await serverSpan(late, "/late")).toMatchObject({ status: { message: "late" } });
    expect(await serverSpan(middleware, "/mw/1")).toMatchObject({
      name: "GET",
      status: { message: "middle" },
    });
  });

  test("is recorded also where it comes from notFound", async () => {
    const whole = app().notFound(() => {
      throw new OutOfStock("not even found");
    });
    expect(await serverSpan(whole, "/nowhere")).toMatchObject({
      attributes: { "http.response.status_code": 500, "error.type": "OutOfStock" },
      events: [{ name: "exception" }],
    });
  });

  test("is recorded and reaches the caller where it is no Error", async () => {
    const collector = createCollector();
    const traced = instrument(thrower("a string"), exporterOf(collector));
    await expect(traced.fetch(request("/throw/1"))).rejects.toBe("a string");
    expect(await collector.waitForSpans(1)).toMatchObject([
      { attributes: { "error.type": "string" }, status: { code: "ERROR", message: "a string" } },
    ]);
  });

  test("is a server fault as HTTPException from 500 on", async () => {
    const thrown = new HTTPException(503, { message: "closed" });
    expect(await serverSpan(thrower(thrown), "/throw/1")).toMatchObject({
      answered: "closed",
      attributes: { "http.response.status_code": 503, "error.type": "Error" },
      status: { code: "ERROR", message: "closed" },
      events: [{ name: "exception" }],
    });
  });

  test("is an answer, not a fault, as HTTPException below 500", async () => {
    const span = await serverSpan(thrower(new HTTPException(404, { message: "gone" })), "/throw/1");
    expect(span).toMatchObject({
      name: "GET /throw/:id",
      answered: "gone",
      attributes: { "http.response.status_code": 404 },
      status: { code: "UNSET" },
      events: [],
    });
    expect(span.attributes).not.toHaveProperty("error.type");
  });
});

describe("tracing()", () => {
  test("used twice says everything once", async () => {
    const sub = new Hono().use(tracing()).get("/:id", () => {
      throw new Error("boom");
    });
    const span = await serverSpan(app().use(tracing()).route("/sub", sub), "/sub/1");
    expect(span).toMatchObject({ name: "GET /sub/:id", attributes: { "http.route": "/sub/:id" } });
    expect(span.events).toHaveLength(1);
  });

  test("does nothing outside of instrument()", async () => {
    const whole = app().get("/users/:id", (c) => c.text(c.req.param("id")));
    expect(await (await whole.request("/users/7")).text()).toBe("7");
    expect(await (await whole.fetch(request("/users/8"))).text()).toBe("8");
  });

  test("does nothing to an invocation that is not sampled", async () => {
    const whole = app().get("/", (c) => c.text("home"));
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
    const { response, collector } = await invoke(whole, {
      request: request("/", { headers: { traceparent } }),
    });
    expect(await response.text()).toBe("home");
    expect(collector.requests).toBe(0);
  });

  test("changes neither the response object nor the context of Hono", async () => {
    const answer = new Response("same");
    const { response } = await invoke(app().get("/", () => answer));
    expect(response).toBe(answer);
  });

  test("leaves the app open for its own tests after instrument()", async () => {
    const whole = app().get("/users/:id", (c) => c.text(c.req.param("id")));
    const traced = instrument(whole, exporterOf(createCollector()));
    expect(await (await whole.request("/users/7")).text()).toBe("7");
    expect(await (await traced.request("/users/8")).text()).toBe("8");
  });
});
