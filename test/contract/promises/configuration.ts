/** `OTEL_*` variables turn tracing down and off, and wrong ones harm nobody. */
import { expect, it, vi } from "vitest";
import { parsed, told } from "../get.ts";
import { quietTime, type Running, type Stage } from "../stage.ts";

const sampled = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
const unsampled = /^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/;

const NOT_SAMPLED: Record<string, Record<string, string>> = {
  "OTEL_TRACES_SAMPLER=always_off": { OTEL_TRACES_SAMPLER: "always_off" },
  "OTEL_TRACES_SAMPLER=parentbased_always_off": { OTEL_TRACES_SAMPLER: "parentbased_always_off" },
  "a ratio of 0": { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" },
};

const OFF: Record<string, Record<string, string>> = {
  "OTEL_SDK_DISABLED=true": { OTEL_SDK_DISABLED: "true" },
  "OTEL_TRACES_EXPORTER=none": { OTEL_TRACES_EXPORTER: "none" },
};

const WRONG: Record<string, [Record<string, string>, fix: RegExp]> = {
  "an unknown sampler": [
    { OTEL_TRACES_SAMPLER: "sometimes" },
    /OTEL_TRACES_SAMPLER "sometimes" must be one of always_on, always_off/,
  ],
  "a relative endpoint": [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
    /OTEL_EXPORTER_OTLP_ENDPOINT .*must be (an )?absolute.*, e\.g\. https:\/\/host:4318/,
  ],
};

const PATHS = ["/json", "/binary", "/throws", "/nowhere"];

export function readsConfiguration(stage: Stage): void {
  const answersAsBare = async (running: Running): Promise<void> => {
    for (const path of PATHS)
      expect(told(await running.get(path))).toEqual(told(await stage.bare.get(path)));
  };

  it.concurrent.each(Object.entries(NOT_SAMPLED))(
    "sends nothing under %s, and says so",
    async (_, env) => {
      await using running = await stage.start({ env });
      await answersAsBare(running);
      const heard = parsed(await running.get(stage.upstream));
      expect(heard["traceparent"]).toMatch(unsampled);
      await running.get("/spans");
      await quietTime();
      expect(running.collector.requests).toBe(0);
      expect(running.app.output()).not.toContain("edgespan:");
    },
  );

  it.concurrent("samples under OTEL_TRACES_SAMPLER=parentbased_always_off what the caller samples", async () => {
    await using running = await stage.start({
      env: { OTEL_TRACES_SAMPLER: "parentbased_always_off" },
    });
    await running.get("/text");
    const trace = await running.trace("/text", 1, { traceparent: sampled });
    expect(trace.traceId).toBe("a".repeat(32));
    expect(running.collector.requests).toBe(1);
  });

  it.concurrent.each(Object.entries(OFF))("sends nothing under %s", async (_, env) => {
    await using running = await stage.start({ env });
    await answersAsBare(running);
    await running.get("/spans");
    await quietTime();
    expect(running.collector.requests).toBe(0);
    expect(running.app.output()).not.toContain("edgespan:");
  });

  it.concurrent("writes spans as lines of JSON under OTEL_TRACES_EXPORTER=console", async () => {
    await using running = await stage.start({ env: { OTEL_TRACES_EXPORTER: "console" } });
    expect(told(await running.get("/recovers"))).toEqual(told(await stage.bare.get("/recovers")));
    // aws-lambda-ric puts time and request id before each line.
    const written = (): string[] => running.app.output().match(/\{"traceId".*\}/g) ?? [];
    await vi.waitFor(() => expect(written()).toHaveLength(2), 5_000);
    const lines = written();
    const spans = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const traceId: unknown = spans[0]?.["traceId"];
    expect(spans).toMatchObject([
      { name: stage.platform.rootName("/recovers"), traceId },
      { name: "fails", traceId, attributes: { "error.type": "RangeError" } },
    ]);
    expect(running.collector.requests).toBe(0);
  });

  it.concurrent.each(Object.entries(WRONG))(
    "where deployed warns once of %s, and serves",
    async (_, wrong) => {
      const [env, fix] = wrong;
      await using running = await stage.start({ env, deployed: true });
      await answersAsBare(running);
      await quietTime();
      expect(running.app.output()).toMatch(fix);
      expect(running.app.output().match(/edgespan:/g)).toHaveLength(1);
      expect(running.collector.requests).toBe(0);
    },
  );

  it.concurrent.each(Object.entries(WRONG))(
    "in development stops at %s and names the fix",
    async (_, wrong) => {
      const [env, fix] = wrong;
      await using running = await stage.start({ env });
      const { app, get } = running;
      const { status, body } = await get("/text");
      expect(status).toBeGreaterThanOrEqual(500);
      // aws-lambda-ric writes the error as JSON.
      expect((body + app.output()).replaceAll('\\"', '"')).toMatch(fix);
    },
  );
}
