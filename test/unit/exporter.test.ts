import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import { variablesOf } from "../../src/config/environment.ts";
import { resolveExporter } from "../../src/config/exporter.ts";
import { type Transport, createExporter } from "../../src/exporter.ts";
import type { SendResult } from "../../src/send/send.ts";
import { viaFetch } from "../../src/send/via-fetch.ts";
import { OWN, startSpan } from "../../src/trace/start-span.ts";
import { VERSION } from "../../src/version.ts";
import { createCollector } from "../../src/testing/collector.ts";
import { scopeWith } from "./tracing.ts";

function spans(...names: string[]): ReadableSpan[] {
  const scope = scopeWith();
  for (const name of names) startSpan(scope, OWN, name, {}, ROOT_CONTEXT).end();
  return scope.take();
}

const read = variablesOf({
  OTEL_EXPORTER_OTLP_ENDPOINT: "https://backend/otlp?api-key=hunter2",
  OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20hunter2",
});

interface Sent {
  reports: string[];
  budgets: number[];
}

async function deliver(
  send: () => Promise<SendResult>,
  budgetMs = 500,
  timeoutMs = 300,
): Promise<Sent> {
  const reports: string[] = [];
  const budgets: number[] = [];
  const transport: Transport = () => (_body, budget) => {
    budgets.push(budget);
    return send();
  };
  const config = resolveExporter({ timeoutMs }, read);
  await createExporter(config, transport, (problem) => reports.push(problem))(
    spans("a", "b"),
    budgetMs,
  );
  return { reports, budgets };
}

describe("what could not be delivered", () => {
  const where = "2 spans were not delivered to https://backend/otlp/v1/traces: ";
  test.each<[string, () => Promise<SendResult>, string]>([
    ["refused", async () => ({ status: "rejected", reason: "HTTP status 401" }), "HTTP status 401"],
    ["failed", async () => ({ status: "retryable", reason: "ECONNRESET" }), "ECONNRESET"],
    ["thrown", () => Promise.reject(new Error("a fault")), "Error: a fault"],
    ["thrown, unprintable", () => Promise.reject(Object.create(null)), "(an unprintable value)"],
  ])("(%s) is counted and reported, without credentials and query", async (_, send, reason) => {
    expect(await deliver(send)).toEqual({ reports: [where + reason], budgets: [300] });
  });

  it("is told where the console could not write it either", async () => {
    const told: string[] = [];
    const transport = (): never => {
      throw new Error("the console needs no transport");
    };
    const write = createExporter("console", transport, (problem) => told.push(problem));
    const [ended] = spans("circular");
    const links = [{ context: ended?.spanContext() }] as { context: unknown; self?: unknown }[];
    if (links[0]) links[0].self = links;
    await write([Object.assign(ended as ReadableSpan, { links })], 100);
    expect(told).toEqual([expect.stringMatching(/^1 spans were not written: .*circular/s)]);
  });

  it("is told where no time was left, and then not even tried", async () => {
    const send = async (): Promise<SendResult> => ({ status: "delivered" });
    expect(await deliver(send, 0)).toEqual({ reports: [`${where}no time was left`], budgets: [] });
  });
});

it("an export has the time that is configured, or what is left of the invocation", async () => {
  const send = async (): Promise<SendResult> => ({ status: "delivered" });
  expect([await deliver(send, 500, 300), await deliver(send, 200, 300)]).toEqual([
    { reports: [], budgets: [300] },
    { reports: [], budgets: [200] },
  ]);
});

it("sends all spans as one OTLP JSON request, with the configured headers", async () => {
  const collector = createCollector();
  const config = resolveExporter({ fetch: collector.fetch }, read);
  const reports: string[] = [];
  const unused: Transport = () => () => Promise.reject(new Error("not to be used"));
  await createExporter(config, unused, (problem) => reports.push(problem))(spans("a", "b"), 1_000);
  expect([collector.exports, reports]).toMatchObject([
    [
      {
        headers: {
          "user-agent": `edgespan/${VERSION}`,
          authorization: "Bearer hunter2",
          "content-type": "application/json",
        },
        spans: [{ name: "a" }, { name: "b" }],
      },
    ],
    [],
  ]);
});

test.each([
  [
    { "Content-Type": "text/plain" },
    { "content-type": "application/json", "user-agent": `edgespan/${VERSION}` },
  ],
  [{ "User-Agent": "mine" }, { "content-type": "application/json", "user-agent": "mine" }],
])("headers of the application (%j) keep the content type", async (headers, expected) => {
  const collector = createCollector();
  const config = resolveExporter(
    { headers, fetch: collector.fetch, url: "https://backend" },
    () => undefined,
  );
  await createExporter(config, viaFetch, () => {})(spans("a"), 1_000);
  expect(collector.exports[0]!.headers).toEqual(expected);
});

it("none delivers nothing and reports nothing", async () => {
  const reports: string[] = [];
  const transport: Transport = () => () => Promise.reject(new Error("not to be used"));
  const nothing = createExporter("none", transport, (problem) => reports.push(problem));
  expect([await nothing(spans("a"), 1_000), reports]).toEqual([undefined, []]);
});
