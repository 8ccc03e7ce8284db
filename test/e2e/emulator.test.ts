/** The demo's function in AWS's own emulator, whose Runtime and Extensions API are Lambda's code. */
import { type Collector, createCollector, serveCollector } from "edgespan/testing";
import { build } from "esbuild";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Client, underAwsClient } from "../lambda/clients.ts";
import { buildEmulator } from "./emulator/build.ts";
import { type Emulated, startEmulator } from "./emulator/emulator.ts";

const emulator = await buildEmulator();
const why = emulator.kind === "unavailable" ? ` (skipped: ${emulator.reason})` : "";

const COUNT = 50;
const BACKEND_MS = 500;
const bundles = `${import.meta.dirname}/../../.cache/emulated`;
const fixtures = `${import.meta.dirname}/../lambda/fixtures`;

beforeAll(async () => {
  await build({
    entryPoints: ["handlers/lambda.ts"],
    outfile: `${bundles}/lambda.mjs`,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
  });
});

interface Running {
  readonly emulated: Emulated;
  readonly collector: Collector;
}

async function start(
  client: Client,
  handler: string,
  env: Record<string, string> = {},
): Promise<Running> {
  const collector = createCollector();
  const { endpoint, close } = await serveCollector(collector);
  onTestFinished(close);
  const emulated = await startEmulator({
    handler,
    taskRoot: handler === "lambda.handler" ? bundles : fixtures,
    client,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, AWS_LAMBDA_FUNCTION_NAME: "orders", ...env },
  });
  onTestFinished(() => emulated.stop());
  return { emulated, collector };
}

/** A backend that takes its time. */
function slow(collector: Collector): void {
  collector.answer(async () => {
    await new Promise((resolve) => setTimeout(resolve, BACKEND_MS));
    return { status: 200 };
  });
}

describe.skipIf(emulator.kind === "unavailable")(`AWS's emulator${why}`, () => {
  underAwsClient("a function in it", promises);
});

function promises(client: Client): void {
  it("leaves one whole trace of each invocation, the first of them cold", async () => {
    const { emulated, collector } = await start(client, "lambda.handler");
    for (let index = 0; index < COUNT; index++) {
      const { body } = await emulated.invoke({ rawPath: `/orders/${index}` });
      expect(JSON.parse(body)).toMatchObject({ statusCode: 200 });
    }
    expect(collector.exports).toHaveLength(COUNT);
    expect(collector.traces()).toMatchObject(
      Array.from({ length: COUNT }, (_, index) => ({
        roots: [
          {
            name: "orders",
            attributes: { "faas.coldstart": index === 0 },
            children: [{ name: "orders.load", attributes: { "order.id": String(index) } }],
          },
        ],
      })),
    );
    expect(collector.spans()).toHaveLength(2 * COUNT);
  });

  it("answers before its backend does; the emulator hands that on when the extension is done", async () => {
    const { emulated, collector } = await start(client, "lambda.handler");
    slow(collector);
    for (let index = 0; index < 3; index++) {
      const { durationMs } = await emulated.invoke({ rawPath: "/orders/7" });
      expect(durationMs).toBeGreaterThan(BACKEND_MS - 5);
    }
    expect(emulated.log()).toMatch(
      /Internal agent edgespan .* registered, subscribed to \[INVOKE\]/,
    );
    expect(emulated.runtimeMs()).toHaveLength(3);
    expect(Math.max(...emulated.runtimeMs())).toBeLessThan(BACKEND_MS);
    expect(collector.spans()).toHaveLength(6);
  });

  it("sends before it answers where the emulator refuses its extension", async () => {
    const { emulated, collector } = await start(client, "late.handler");
    slow(collector);
    await emulated.invoke({});
    await emulated.invoke({});
    expect(emulated.log()).toMatch(/Failed to create internal agent edgespan/);
    expect(Math.min(...emulated.runtimeMs())).toBeGreaterThan(BACKEND_MS - 5);
    expect(collector.traces()).toMatchObject([
      { roots: [{ attributes: { "faas.coldstart": true } }] },
      { roots: [{ attributes: { "faas.coldstart": false } }] },
    ]);
  });

  it("fails as it does bare, in a span that says so", async () => {
    const { emulated, collector } = await start(client, "lambda.handler");
    const { body } = await emulated.invoke({ rawPath: "/orders/lost" });
    const message = "the database has no such shard";
    expect(JSON.parse(body)).toMatchObject({ errorType: "Error", errorMessage: message });
    const status = { code: "ERROR", message };
    expect(collector.traces()).toMatchObject([{ roots: [{ status, children: [{ status }] }] }]);
  });

  it("has told of what was open when the emulator ends it at its time-out", async () => {
    const { emulated, collector } = await start(client, "life.handler", {
      AWS_LAMBDA_FUNCTION_TIMEOUT: "2",
    });
    const { body } = await emulated.invoke({ ms: 60_000 });
    expect(body).toBe("Task timed out after 2.00 seconds");
    const cut = { status: { code: "ERROR", message: "about to time out" } };
    expect(collector.traces()).toMatchObject([
      { roots: [{ name: "orders", ...cut, children: [{ name: "work", ...cut }] }] },
    ]);
  });

  it("sends what its backend had refused when the emulator ends it", async () => {
    const { emulated, collector } = await start(client, "lambda.handler");
    collector.answer(async () => ({ status: 503 }));
    for (let index = 0; index < 3; index++) await emulated.invoke({ rawPath: "/orders/7" });
    collector.answer();
    expect(collector.spans()).toEqual([]);
    await emulated.stop();
    expect(collector.spans()).toHaveLength(6);
  });
}
