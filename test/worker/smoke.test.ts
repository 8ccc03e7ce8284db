import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { expect, test } from "vitest";
import { createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";

test("smoke", async () => {
  const collector = createCollector();
  const worker = instrument(
    {
      async fetch(_request: Request, _env: unknown, _ctx: ExecutionContext) {
        return new Response("hi");
      },
    },
    { exporter: { url: "http://collector/v1/traces", fetch: collector.fetch } },
  );
  const ctx = createExecutionContext();
  const response = await worker.fetch(new Request("http://x/a"), {}, ctx);
  expect(await response.text()).toBe("hi");
  await waitOnExecutionContext(ctx);
  expect(collector.spans()).toMatchObject([{ name: "GET" }]);
});
