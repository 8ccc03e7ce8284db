/** Values that no attribute should have: they must cost a batch nothing, however it travels. */
import { type OtlpExporterOptions, stats } from "edgespan";
import { wrapHandler } from "edgespan/lambda";
import { trace } from "@opentelemetry/api";
import { createFakeLambdaContext } from "edgespan/testing";
import { describe, expect, test } from "vitest";
import { buildCollector } from "./collector/build.ts";
import { startCollector } from "./collector/collector.ts";
import { ENCODINGS } from "./encodings.ts";
import { HOSTILE_SPANS, byName, recordHostile, toldOfHostile, whatItSays } from "./hostile.ts";

const build = await buildCollector();

async function run(exporter: OtlpExporterOptions, work: () => void): Promise<void> {
  // The values are longer than an invocation's spans may be by default.
  const limits = { maxBytes: Number.POSITIVE_INFINITY };
  const handler = wrapHandler(async () => work(), { exporter, limits });
  await handler(...([{}, createFakeLambdaContext()] as unknown as []));
}

describe.skipIf(build.kind === "unavailable").each(ENCODINGS)("$name", (encoding) => {
  test("hostile values in one batch cost neither another span nor another attribute", async () => {
    await using collector = await startCollector();
    await run(encoding.to(collector), recordHostile);
    const received = await collector.waitForSpans(HOSTILE_SPANS + 1);
    const children = received.filter(({ kind }) => kind === 1);
    expect(children.map(whatItSays).toSorted(byName)).toStrictEqual(toldOfHostile());
    expect(stats().destinations.at(-1)).toMatchObject({
      recorded: HOSTILE_SPANS + 1,
      exported: HOSTILE_SPANS + 1,
      dropped: { queue_full: 0, rejected: 0, too_large: 0 },
      posts: 1,
    });
  });

  test("a span that is too large for the Collector is dropped alone", async () => {
    await using collector = await startCollector();
    // Over gRPC the Collector says that it takes 4 MiB; over HTTP it answers 400 to more than 20.
    const limit = encoding.name.startsWith("grpc") ? {} : { maxBodyBytes: 4_000_000 };
    const exporter = { ...limit, ...encoding.to(collector) };
    await run(exporter, () => {
      const tracer = trace.getTracer("edgespan.e2e");
      for (let n = 0; n < 20; n++) tracer.startSpan(`small ${n}`).end();
      tracer.startSpan("large", { attributes: { text: "x".repeat(5_000_000) } }).end();
      for (let n = 20; n < 40; n++) tracer.startSpan(`small ${n}`).end();
    });
    const received = await collector.waitForSpans(41);
    expect(new Set(received.map(({ spanId }) => spanId)).size).toBe(41);
    expect(received.some(({ name }) => name === "large")).toBe(false);
    expect(stats().destinations.at(-1)).toMatchObject({
      recorded: 42,
      exported: 41,
      queued: 0,
      dropped: { queue_full: 0, rejected: 0, too_large: 1 },
    });
  });
});
