import { instrument } from "edgespan/worker";
import { createFakeExecutionContext } from "edgespan/testing";
import { Hono } from "hono";
import { expectTypeOf, test } from "vitest";

interface Env {
  TOKEN: string;
  KV: KVNamespace;
}

test("instrument takes an ExportedHandler of workers-types and keeps its type", () => {
  const handler: ExportedHandler<Env> = {
    async fetch(request, env, ctx) {
      ctx.waitUntil(env.KV.put("url", request.url));
      return new Response(env.TOKEN);
    },
    async queue() {},
    async scheduled() {},
  };
  expectTypeOf(instrument(handler)).toEqualTypeOf<ExportedHandler<Env>>();
});

test("instrument takes a handler that satisfies ExportedHandler and keeps its exact type", () => {
  const handler = {
    async fetch(_request, env) {
      return new Response(env.TOKEN);
    },
  } satisfies ExportedHandler<Env>;
  const instrumented = instrument(handler);
  expectTypeOf(instrumented).toEqualTypeOf<typeof handler>();
  expectTypeOf(instrumented).toExtend<ExportedHandler<Env>>();
});

test("an inline handler is typed by what the export must satisfy", () => {
  const exported = instrument<ExportedHandler<Env>>({
    async fetch(request, env, ctx) {
      expectTypeOf(env).toEqualTypeOf<Env>();
      expectTypeOf(ctx).toExtend<ExecutionContext>();
      return new Response(request.url);
    },
  });
  expectTypeOf(exported).toEqualTypeOf<ExportedHandler<Env>>();
});

test("instrument takes a Hono app and keeps it a Hono app", () => {
  const app = new Hono<{ Bindings: Env }>();
  const instrumented = instrument(app);
  expectTypeOf(instrumented).toEqualTypeOf<typeof app>();
  expectTypeOf(instrumented).toExtend<ExportedHandler<Env>>();
});

test("instrument takes a class's instance and keeps its methods", () => {
  class Shop {
    #orders = 0;
    fetch(_request: Request, _env: Env, _ctx: ExecutionContext): Response {
      return new Response(String(this.#orders));
    }
    orders(): number {
      return this.#orders;
    }
  }
  expectTypeOf(instrument(new Shop())).toEqualTypeOf<Shop>();
});

test("the options' function gets the handler's own env", () => {
  const handler: ExportedHandler<Env> = { fetch: () => new Response() };
  const app = new Hono<{ Bindings: Env }>();
  const plain = { fetch: (_request: Request, env: Env) => new Response(env.TOKEN) };
  instrument(handler, (env) => {
    expectTypeOf(env).toEqualTypeOf<Env>();
    return { exporter: { url: "https://host/v1/traces", headers: { authorization: env.TOKEN } } };
  });
  instrument(plain, (env) => ({ service: expectTypeOf(env).toEqualTypeOf<Env>() && env.TOKEN }));
  instrument(app, (env) => ({ service: expectTypeOf(env).toEqualTypeOf<Env>() && env.TOKEN }));
});

test("a service binding's fetch takes exports", () => {
  const handler: ExportedHandler<Env & { OTLP: Fetcher }> = { fetch: () => new Response() };
  instrument(handler, ({ OTLP }) => ({
    exporter: { url: "https://otlp.internal/v1/traces", fetch: OTLP.fetch.bind(OTLP) },
  }));
  instrument(handler, ({ OTLP }) => ({
    exporter: { url: "https://otlp.internal/v1/traces", fetch: OTLP },
  }));
  const exporter = { url: "https://host.example/v1/traces", fetch };
  expectTypeOf(instrument(handler, { exporter })).toEqualTypeOf<typeof handler>();
});

test("the fake context passes for a Worker's", () => {
  expectTypeOf(createFakeExecutionContext()).toExtend<ExecutionContext>();
});
