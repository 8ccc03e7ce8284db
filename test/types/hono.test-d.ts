import { tracing } from "edgespan/hono";
import { Hono, type MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { expectTypeOf, test } from "vitest";

interface Env {
  TOKEN: string;
}

test("tracing() is a middleware of Hono, whatever the app's bindings", () => {
  expectTypeOf(tracing()).toExtend<MiddlewareHandler>();
  expectTypeOf(tracing()).toExtend<MiddlewareHandler<{ Bindings: Env }, "/:id">>();
  expectTypeOf(createMiddleware(tracing())).toExtend<MiddlewareHandler>();
});

test("an app takes it, alone, by path and before others", () => {
  const app = new Hono<{ Bindings: Env }>();
  app.use(tracing());
  app.use("/api/*", tracing());
  app.get("/:id", tracing(), (c) => {
    expectTypeOf(c.env).toEqualTypeOf<Env>();
    expectTypeOf(c.req.param("id")).toEqualTypeOf<string>();
    return c.text("ok");
  });
});
