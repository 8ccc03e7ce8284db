import { describe, expect, it, test } from "vitest";
import type { Options } from "../../../src/config/options.ts";
import { capture } from "../../../src/instrument/capturing.ts";
import { protobuf } from "../../../src/export/http-protobuf.ts";
import { complaint } from "./resolved.ts";

const noop = (): void => {};
const sampler = { shouldSample: () => ({ decision: 0 }), toString: () => "none" };
const propagator = { inject: noop, extract: noop, fields: () => [] };
const processor = { onStart: noop, onEnd: noop };
const NAMES =
  "service resource exporter flush sampling propagators trust capture redact instrument limits spanProcessors disabled strict clock ids".split(
    " ",
  );

describe("right options are accepted", () => {
  test.each<Options>([
    {},
    { service: "shop" },
    { service: { name: "shop", namespace: "eu", version: "1" } },
    { service: { version: "1" } },
    { resource: { team: "a" }, disabled: false, strict: true, clock: Date },
    { exporter: "otlp" },
    { exporter: "console" },
    { exporter: "none" },
    { exporter: "otlp/stdout" },
    { exporter: [] },
    { exporter: ["otlp", "console", {}, { export() {}, shutdown: async () => {} }] },
    { exporter: { export() {}, shutdown: async () => {} } },
    { exporter: { headers: () => ({ a: "b" }) } },
    { exporter: { headers: Promise.resolve({ a: "b" }) } },
    { exporter: { fetch: { fetch: async () => new Response() } } },
    { exporter: { compression: "none", protocol: protobuf, maxBodyBytes: 1_000_000 } },
    { flush: {} },
    { flush: { windowMs: 0, maxBatchSize: 1, maxQueueSize: 1, maxWaitMs: 0.5 } },
    { exporter: {} },
    {
      exporter: {
        url: "HTTPS://host/v1/traces?key=a",
        headers: { authorization: "Bearer a/b+c=" },
        timeoutMs: 0.5,
        fetch: async () => new Response(),
      },
    },
    { sampling: {} },
    { sampling: { head: sampler } },
    { propagators: [] },
    { propagators: [propagator as never] },
    { propagators: ["baggage", propagator as never, "tracecontext"] },
    { propagators: { b3: propagator as never } },
    { trust: "all" },
    { trust: "none" },
    { trust: () => true },
    { capture: capture({}) },
    { redact: () => undefined },
    { spanProcessors: [processor as never] },
    { instrument: {} },
    { instrument: { fetch: true } },
    { instrument: { fetch: false } },
    { instrument: { fetch: { propagateTo: ["https://a.example", "http://b.example:81", /c/] } } },
    { instrument: { fetch: { propagateTo: () => true } } },
    { instrument: { websockets: true } },
    { instrument: { websockets: false } },
    { instrument: { websockets: {} } },
    { instrument: { websockets: { messages: true } } },
    { instrument: { streams: true } },
    { instrument: { streams: false } },
    { instrument: { queues: {} } },
    { instrument: { queues: { propagate: [] } } },
    { instrument: { queues: { propagate: ["ORDERS"] } } },
    { limits: { attributeCountLimit: 0, attributeValueLengthLimit: Number.POSITIVE_INFINITY } },
    { ids: { generateTraceId: () => "", generateSpanId: () => "" } },
  ])("%j", (options) => {
    expect(complaint(options)).toBe("(accepted)");
  });

  it("takes an option that is undefined as one that is not set", () => {
    expect(complaint(Object.fromEntries(NAMES.map((name) => [name, undefined])))).toBe(
      "(accepted)",
    );
  });
});
