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
import {
  type DestinationStats,
  type Options,
  type Protocol,
  type RedactableSpan,
  type Stats,
  stats,
} from "edgespan";
import { capture } from "edgespan/capture";
import { grpc } from "edgespan/grpc";
import {
  type TextCarrier,
  extract,
  inject,
  kafkaHeaders,
  messageAttributes,
  nodeHeaders,
} from "edgespan/propagation";
import * as propagators from "edgespan/propagators";
import { protobuf } from "edgespan/protobuf";
import { createCollector, createManualClock } from "edgespan/testing";
import type { SQSRecord } from "aws-lambda";
import type { IncomingHttpHeaders } from "node:http";
import { expectTypeOf, test } from "vitest";

/** Of `@aws-sdk/client-sqs`. */
interface MessageAttributeValue {
  DataType: string | undefined;
  StringValue?: string | undefined;
  BinaryValue?: Uint8Array | undefined;
}

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

test("spans go to one place or to several: endpoints, exporters by name, exporters of the SDK", () => {
  const several: Options = {
    exporter: [
      "otlp",
      { url: "https://host.example/v1/traces", protocol: protobuf, compression: "none" },
      { url: "https://host.example:4317", protocol: grpc, maxBodyBytes: 1_000_000 },
      new InMemorySpanExporter(),
    ],
    flush: { windowMs: 0, maxBatchSize: 100, maxQueueSize: 1_000, maxWaitMs: 5_000 },
  };
  const none: Options = { exporter: "none" };
  expectTypeOf([several, none]).toExtend<Options[]>();
  expectTypeOf([protobuf, grpc]).toEqualTypeOf<Protocol[]>();
});

test("headers may be a record, a promise of one, or a function of either", () => {
  const known = { authorization: "secret" };
  const all: Options[] = [
    { exporter: { headers: known } },
    { exporter: { headers: Promise.resolve(known) } },
    { exporter: { headers: () => known } },
    { exporter: { headers: async () => known } },
  ];
  expectTypeOf(all).toExtend<Options[]>();
});

test("stats tells numbers, for each destination", () => {
  expectTypeOf(stats).toEqualTypeOf<() => Stats>();
  expectTypeOf<Stats["destinations"]>().toEqualTypeOf<DestinationStats[]>();
  expectTypeOf<DestinationStats["dropped"]>().toHaveProperty("queue_full").toEqualTypeOf<number>();
});

test("propagators are a list with names of the built-in ones, or what the variable may name", () => {
  const { b3, jaeger } = propagators;
  const all: Options[] = [
    { propagators: ["tracecontext", b3, new W3CTraceContextPropagator(), "baggage"] },
    { propagators: { b3, jaeger } },
    { propagators },
    // @ts-expect-error -- b3 must be imported
    { propagators: ["b3"] },
  ];
  expectTypeOf(all).toExtend<Options[]>();
});

test("trust is a word or a function of what the handler is given", () => {
  const all: Options[] = [
    { trust: "all" },
    { trust: "none" },
    { trust: (request: Request) => request.headers.has("x-ours") },
    { trust: ({ headers }: { headers: Record<string, string> }) => "x-ours" in headers },
    // @ts-expect-error -- what answers later answers too late
    { trust: async () => true },
  ];
  expectTypeOf(all).toExtend<Options[]>();
});

test("redact may change a finished span, and capture is made by capture()", () => {
  const options: Options = {
    redact(active) {
      expectTypeOf(active).toEqualTypeOf<RedactableSpan>();
      delete active.attributes["user.email"];
      active.setAttribute("url.path", "/users/REDACTED").updateName("GET /users/:id");
    },
    capture: capture({ requestHeaders: ["x-tenant"], clientAddress: true, baggage: ["tenant.id"] }),
  };
  // @ts-expect-error -- capture({ … })
  const wrong: Options = { capture: { requestHeaders: ["x-tenant"] } };
  expectTypeOf([options, wrong]).toExtend<Options[]>();
});

test("context is injected into and extracted from carriers of several transports", () => {
  expectTypeOf(inject(new Headers())).toEqualTypeOf<Headers>();
  expectTypeOf(inject({ own: "header" })).toEqualTypeOf<{ own: string }>();
  expectTypeOf(inject(kafkaHeaders({}))).toEqualTypeOf<TextCarrier>();
  expectTypeOf(extract({}, async () => 42)).toEqualTypeOf<Promise<number>>();
  const sqs: Record<string, MessageAttributeValue> = {};
  const received: SQSRecord["messageAttributes"] = {};
  const incoming: IncomingHttpHeaders = {};
  const carriers = [messageAttributes(sqs), messageAttributes(received), nodeHeaders(incoming)];
  expectTypeOf(carriers).toEqualTypeOf<TextCarrier[]>();
});

test("a protocol by its name alone is refused, for its encoder must be imported", () => {
  // @ts-expect-error -- protobuf of "edgespan/protobuf"
  const options: Options = { exporter: { protocol: "http/protobuf" } };
  expectTypeOf(options).toExtend<Options>();
});

test("an option that does not exist is refused", () => {
  // @ts-expect-error -- "sampler" is sampling.head
  const options: Options = { sampler: new AlwaysOnSampler() };
  expectTypeOf(options).toExtend<Options>();
});

test("an option may be undefined, as a variable that is not set is", () => {
  interface Unset {
    service: string | undefined;
    exporter: { url: string | undefined; headers: Record<string, string> | undefined };
    sampling: { head: undefined } | undefined;
    disabled: boolean | undefined;
  }
  expectTypeOf<Unset>().toExtend<Options>();
});
