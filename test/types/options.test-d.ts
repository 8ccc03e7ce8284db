import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { TextMapPropagator } from "@opentelemetry/api";
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  SimpleSpanProcessor,
  type SpanLimits,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace";
import type { Options } from "edgespan";
import { createCollector, createManualClock } from "edgespan/testing";
import { expectTypeOf, test } from "vitest";

test("the SDK's interfaces are the options' types", () => {
  type Sampling = NonNullable<Options["sampling"]>;
  expectTypeOf<Sampler>().toExtend<NonNullable<Sampling["head"]>>();
  expectTypeOf<SpanProcessor[]>().toExtend<NonNullable<Options["spanProcessors"]>>();
  expectTypeOf<TextMapPropagator[]>().toExtend<NonNullable<Options["propagators"]>>();
  expectTypeOf<SpanLimits>().toExtend<NonNullable<Options["limits"]>>();
});

test("the SDK's classes plug in", () => {
  const exporter = new InMemorySpanExporter();
  const options: Options = {
    sampling: { head: new ParentBasedSampler({ root: new AlwaysOnSampler() }) },
    propagators: [new W3CTraceContextPropagator()],
    spanProcessors: [new SimpleSpanProcessor({ exporter }), new BatchSpanProcessor({ exporter })],
  };
  expectTypeOf(options).toExtend<Options>();
});

test("the parts of edgespan/testing plug in", () => {
  const options: Options = {
    exporter: { url: "https://host.example/v1/traces", fetch: createCollector().fetch },
    clock: createManualClock(),
  };
  expectTypeOf(options).toExtend<Options>();
});

test("an option that does not exist is refused", () => {
  // @ts-expect-error -- "sampler" is sampling.head
  const options: Options = { sampler: new AlwaysOnSampler() };
  expectTypeOf(options).toExtend<Options>();
});
