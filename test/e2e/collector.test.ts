import {
  type Attributes,
  ROOT_CONTEXT,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  createTraceState,
  trace,
} from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { connect } from "node:http2";
import { describe, expect, test, vi } from "vitest";
import { buildCollector } from "./collector/build.ts";
import { startCollector } from "./collector/collector.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const callerSpanId = "b7ad6b7169203331";
const linked = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
const second = 1_790_000_000;

const attributes = {
  "text.plain": "GET /carts/{id}",
  "text.unicode": 'Zażółć 🛒 \u2028 "quoted"',
  "int.positive": 201,
  "int.largest": Number.MAX_SAFE_INTEGER,
  "int.negative": -7,
  "double.fraction": 0.1,
  "double.small": 5e-324,
  "bool.yes": true,
  "bool.no": false,
  "array.text": ["a", "ß", ""],
  "array.int": [1, 2, 3],
  "array.mixed-numbers": [1, 2.5],
  "array.bool": [true, false],
  "array.empty": [],
} satisfies Attributes;

/** What `recordedFamily` is in OTLP; in `flags`, 0x100 says "remote is known", 0x200 "remote". */
const sent = {
  resource: { "service.name": "warenkörbe", "process.pid": 42 },
  scope: { name: "edgespan.e2e", version: "1.2.3" },
  traceId,
  traceState: "vendor=one,other=2",
};
const cacheMiss = { "cache.key": "k", "cache.age_s": 1.5 };
const family = [
  {
    ...sent,
    spanId: "0000000000000002",
    parentSpanId: "0000000000000001",
    flags: 0x101,
    name: "fetch",
    kind: 3,
    startTimeUnixNano: `${second}000000100`,
    endTimeUnixNano: `${second}999999999`,
    attributes: {},
    events: [{ name: "cache.miss", timeUnixNano: `${second}000000150`, attributes: cacheMiss }],
    links: [{ ...linked, flags: 0x100, attributes: { why: "retry" } }],
    status: { code: 2, message: "upstream said 503" },
  },
  {
    ...sent,
    spanId: "0000000000000001",
    parentSpanId: callerSpanId,
    flags: 0x301,
    name: "GET /carts/{id}",
    kind: 2,
    startTimeUnixNano: `${second}000000001`,
    endTimeUnixNano: `${second + 1}000000002`,
    attributes,
    events: [],
    links: [],
    status: { code: 1 },
  },
];

function recorder() {
  const exporter = new InMemorySpanExporter();
  let spansMade = 0;
  const provider = new TracerProvider({
    resource: resourceFromAttributes(sent.resource),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    idGenerator: {
      generateTraceId: () => traceId,
      generateSpanId: () => String(++spansMade).padStart(16, "0"),
    },
  });
  const tracer = provider.getTracer(sent.scope.name, sent.scope.version);
  return { tracer, finished: () => exporter.getFinishedSpans() };
}

/** A server span continuing a remote trace, and its failed client child with event and link. */
function recordedFamily(): ReadableSpan[] {
  const { tracer, finished } = recorder();
  const traceState = createTraceState(sent.traceState);
  const caller = { traceId, spanId: callerSpanId, traceFlags: TraceFlags.SAMPLED, traceState };
  const remote = trace.setSpanContext(ROOT_CONTEXT, { ...caller, isRemote: true });
  const server: SpanOptions = { kind: SpanKind.SERVER, attributes, startTime: [second, 1] };
  const parent = tracer.startSpan("GET /carts/{id}", server, remote);
  const link = { context: { ...linked, traceFlags: 0 }, attributes: { why: "retry" } };
  const client: SpanOptions = { kind: SpanKind.CLIENT, links: [link], startTime: [second, 100] };
  const child = tracer.startSpan("fetch", client, trace.setSpan(remote, parent));
  child.addEvent("cache.miss", cacheMiss, [second, 150]);
  child.setStatus({ code: SpanStatusCode.ERROR, message: "upstream said 503" });
  child.end([second, 999_999_999]);
  parent.setStatus({ code: SpanStatusCode.OK });
  parent.end([second + 1, 2]);
  return finished();
}

function post(endpoint: string, spans: ReadableSpan[]): Promise<Response> {
  const body = Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []);
  const headers = { "content-type": "application/json" };
  return fetch(`${endpoint}/v1/traces`, { method: "POST", headers, body });
}

/** One unary gRPC call by hand: a flag byte, the length, the message. Resolves with grpc-status. */
async function callGrpc(endpoint: string, spans: ReadableSpan[]): Promise<string> {
  const message = ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const session = connect(endpoint);
  const stream = session.request({
    ":method": "POST",
    ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "content-type": "application/grpc",
    te: "trailers",
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  session.once("error", reject);
  stream.once("error", reject);
  stream.once("trailers", (trailers) => resolve(String(trailers["grpc-status"])));
  stream.resume().end(Buffer.concat([prefix, message]));
  return promise.finally(() => session.close());
}

const build = await buildCollector();

describe.skipIf(build.kind === "unavailable")("the real Collector", () => {
  test("hands back whole spans exactly as they were posted as JSON", async () => {
    await using collector = await startCollector();
    expect((await post(collector.httpEndpoint, recordedFamily())).status).toBe(200);
    expect(await collector.waitForSpans(2)).toStrictEqual(family);
  });

  test("hands back the same spans when they came over gRPC", async () => {
    await using collector = await startCollector();
    expect(await callGrpc(collector.grpcEndpoint, recordedFamily())).toBe("0");
    expect(await collector.waitForSpans(2)).toStrictEqual(family);
  });

  test("tells integers from doubles in its log", async () => {
    await using collector = await startCollector();
    await post(collector.httpEndpoint, recordedFamily());
    await vi.waitFor(() => expect(collector.log()).toContain("double.fraction: Double(0.1)"));
    expect(collector.log()).toContain("int.positive: Int(201)");
    expect(collector.log()).toContain("array.mixed-numbers: Slice([1,2.5])");
  });

  test("refuses the whole batch with a 400 when one attribute of one span is NaN", async () => {
    await using collector = await startCollector();
    const { tracer, finished } = recorder();
    tracer.startSpan("good").end();
    tracer.startSpan("bad", { attributes: { ratio: Number.NaN } }).end();
    const refusal = await post(collector.httpEndpoint, finished());
    expect(refusal.status).toBe(400);
    const why = expect.stringContaining("ReadUint64: unsupported value type");
    expect(await refusal.json()).toStrictEqual({ code: 3, message: why });
    await post(collector.httpEndpoint, recordedFamily());
    expect(await collector.waitForSpans(2)).toStrictEqual(family);
  });

  test("keeps two collectors' spans apart", async () => {
    await using one = await startCollector();
    await using other = await startCollector();
    await post(one.httpEndpoint, recordedFamily());
    await one.waitForSpans(2);
    expect(await other.spans()).toStrictEqual([]);
  });

  test("names how many spans are missing, and by when, if they do not come", async () => {
    await using collector = await startCollector();
    const waiting = collector.waitForSpans(1, 50);
    await expect(waiting).rejects.toThrow("received 0 of 1 spans within 50 ms");
  });

  test("answers nobody once it is stopped, however often", async () => {
    const collector = await startCollector();
    await Promise.all([collector.stop(), collector.stop()]);
    await expect(post(collector.httpEndpoint, recordedFamily())).rejects.toThrow("fetch failed");
  });
});
