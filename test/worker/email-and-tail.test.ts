/** vitest's pool starts neither mails nor tail events: what handlers are given is of their shape. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { type CollectedSpan, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { expect, it, test } from "vitest";
import { exporterOf } from "./invoke.ts";

type Handle = (event: never, env: unknown, ctx: ExecutionContext) => void;

/** Has a handler of that kind run; answers what it was given, and the spans. */
async function run(
  kind: "email" | "tail",
  event: unknown,
): Promise<{ given: unknown[]; spans: CollectedSpan[] }> {
  const collector = createCollector();
  const given: unknown[] = [];
  const handler: Record<string, Handle> = { [kind]: (...args) => void given.push(...args) };
  const worker = instrument(handler, exporterOf(collector));
  const ctx = createExecutionContext();
  worker[kind]?.(event as never, "env", ctx);
  await waitOnExecutionContext(ctx);
  return { given: given.slice(0, 2), spans: collector.spans() };
}

it("an email handler has a span that tells the size and no address", async () => {
  const mail = {
    from: "a@secret.example",
    to: "b@secret.example",
    rawSize: 321,
    headers: new Headers(),
  };
  const { given, spans } = await run("email", mail);
  expect(given).toEqual([mail, "env"]);
  expect(spans).toMatchObject([
    {
      name: "email",
      kind: "SERVER",
      attributes: { "faas.trigger": "other", "cloudflare.email.size": 321 },
    },
  ]);
  expect(JSON.stringify(spans)).not.toContain("secret");
});

it("a tail handler has a span that tells how many invocations it heard of", async () => {
  const items = [{ event: { request: { url: "https://shop.example/" } } }, { event: null }];
  const { given, spans } = await run("tail", items);
  expect(given).toEqual([items, "env"]);
  expect(spans).toMatchObject([
    { name: "tail", kind: "INTERNAL", attributes: { "cloudflare.trace.count": 2 } },
  ]);
});

test.each([
  ["exports alone", [{ event: { request: { url: "https://otlp.example/v1/traces?key=1" } } }]],
  ["nothing", []],
])(
  "a tail handler that heard of %s runs without a span, so that it never hears itself",
  async (_what, items) => {
    const { given, spans } = await run("tail", items);
    expect([given, spans]).toEqual([[items, "env"], []]);
  },
);

test.each([
  ["an export among others", ["https://otlp.example/v1/traces", "https://shop.example/"]],
  ["a query that names the path of exports", ["https://shop.example/?to=/v1/traces"]],
  ["a longer path than that of exports", ["https://shop.example/v1/traces/7"]],
])("a tail handler that heard of %s has a span", async (_what, urls) => {
  const { spans } = await run(
    "tail",
    urls.map((url) => ({ event: { request: { url } } })),
  );
  expect(spans).toMatchObject([{ name: "tail" }]);
});
