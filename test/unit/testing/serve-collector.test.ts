import { expect, test } from "vitest";
import { createCollector } from "../../../src/testing/collector.ts";
import { serveCollector } from "../../../src/testing/serve-collector.ts";

test.each([
  ["POST", "/v1/traces", 200],
  ["POST", "/", 404],
  ["POST", "/v1/traces/v1/traces", 404],
  ["PUT", "/v1/traces", 404],
])("%s %s is answered with %i", async (method, path, status) => {
  await using served = await serveCollector(createCollector());
  const init: RequestInit = { method, body: JSON.stringify({ resourceSpans: [] }) };
  expect((await fetch(served.endpoint + path, init)).status).toBe(status);
});
