/** Code that uses Powertools Tracer, the real one, as spans. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { span } from "edgespan";
import type { CollectedSpan } from "edgespan/testing";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serveAws } from "./backend.ts";
import { type Outcome, traced } from "./invoke.ts";
import { type Event, type Handler, byDecorators, byHand, byMiddy } from "./powertools.ts";

// As on Lambda, before Powertools is loaded: it traces nowhere else.
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs24.x";
process.env["_HANDLER"] = "index.handler";
process.env.POWERTOOLS_SERVICE_NAME = "orders";
const { Tracer } = await import("@aws-lambda-powertools/tracer");
const { bridgeTracer, getSegment } = await import("edgespan/powertools");

const warn = vi.spyOn(console, "warn");
beforeEach(() => warn.mockClear());
afterEach(() => {
  const { calls } = warn.mock;
  if (calls.length > 0) throw new Error(`a test warned: ${calls.flat().join("; ")}`);
});

function newTracer(): InstanceType<typeof Tracer> {
  return bridgeTracer(new Tracer({ captureHTTPsRequests: false }));
}

const invoke = (handler: Handler, event: Event): Promise<Outcome> =>
  traced((given, context) => handler(given as Event, context as object), { event });

const shape = ({ root, spans }: Outcome): unknown =>
  spans.map(({ name, parentSpanId, attributes, status }) => [
    name,
    [root, ...spans].find(({ spanId }) => spanId === parentSpanId)?.name,
    attributes,
    status.code,
  ]);

const HANDLER = "## index.handler";
const FIRST = { ColdStart: expect.any(Boolean) as boolean, Service: "orders" };
const failure = { "error.type": "RangeError" };

describe("decorators", () => {
  it("make a span of the handler and of each method, with annotations and metadata", async () => {
    const outcome = await invoke(byDecorators(newTracer()), { id: "7" });
    expect(outcome.value).toEqual({ id: "7", price: 42 });
    expect(shape(outcome)).toEqual([
      [
        HANDLER,
        outcome.root.name,
        {
          ...FIRST,
          "orders.paymentResponse": '{"accepted":true}',
          "orders.index.handler response": '{"id":"7","price":42}',
        },
        "UNSET",
      ],
      ["### load", HANDLER, { orderId: "7", "orders.load response": '{"id":"7"}' }, "UNSET"],
      ["### pricing", HANDLER, {}, "UNSET"],
    ]);
  });

  it("record errors, which reach the caller as they were thrown", async () => {
    const outcome = await invoke(byDecorators(newTracer()), { id: "none" });
    expect(outcome.error).toBeInstanceOf(RangeError);
    expect(shape(outcome)).toMatchObject([
      [HANDLER, outcome.root.name, failure, "ERROR"],
      ["### load", HANDLER, { ...failure, orderId: "none" }, "ERROR"],
    ]);
  });
});

describe.each([
  ["the Middy middleware", byMiddy],
  ["segments by hand", byHand],
])("%s", (_name, make) => {
  it("makes a span of the handler, in which others of any kind are children", async () => {
    const tracer = newTracer();
    const handler = make(tracer);
    const outcome = await invoke(handler, { id: "7" });
    expect(outcome.value).toEqual({ id: "7" });
    expect(shape(outcome)).toEqual([
      [
        HANDLER,
        outcome.root.name,
        {
          ...FIRST,
          ...(make === byMiddy && { orderId: "7" }),
          "orders.index.handler response": '{"id":"7"}',
        },
        "UNSET",
      ],
    ]);
  });

  it("records the error that it throws, and leaves nothing open", async () => {
    const outcome = await invoke(make(newTracer()), { id: "7", fails: true });
    expect(outcome.error).toBeInstanceOf(RangeError);
    expect(shape(outcome)).toMatchObject([[HANDLER, outcome.root.name, failure, "ERROR"]]);
  });

  it("never mixes invocations that run at once", async () => {
    const handler = make(newTracer());
    const ids = Array.from({ length: 20 }, (_, n) => String(n));
    const outcomes = await Promise.all(ids.map((id) => invoke(handler, { id })));
    for (const { root, spans } of outcomes)
      expect(spans).toMatchObject([{ traceId: root.traceId, parentSpanId: root.spanId }]);
  });
});

it("a span of edgespan's is a child of the subsegment that is active, and the other way round", async () => {
  const tracer = newTracer();
  const outcome = await traced(() =>
    tracer.provider.captureAsyncFunc("outer", async (outer) => {
      await span("inner", async () => {
        expect(getSegment()).toBe(getSegment());
        tracer.putAnnotation("on", "inner");
        getSegment()?.addNewSubsegment("innermost").close();
      });
      outer?.close();
    }),
  );
  expect(shape(outcome)).toEqual([
    ["outer", outcome.root.name, {}, "UNSET"],
    ["inner", "outer", { on: "inner" }, "UNSET"],
    ["innermost", "inner", {}, "UNSET"],
  ]);
});

it("a client of the AWS SDK is traced by captureAWSv3Client", async () => {
  await using aws = await serveAws({});
  const client = newTracer().captureAWSv3Client(new DynamoDBClient(aws.config));
  const { spans } = await traced(() =>
    client.send(new GetItemCommand({ TableName: "carts", Key: { id: { S: "1" } } })),
  );
  expect(spans).toMatchObject([{ name: "DynamoDB.GetItem", kind: "CLIENT" }]);
});

it("what is told of a request by hand has neither credentials nor known secrets", async () => {
  const { spans } = await traced(() =>
    span("call", () => {
      const segment = getSegment();
      if (segment)
        segment.http = { request: { url: "https://me:hunter2@host/a?sig=hunter2", method: "GET" } };
    }),
  );
  expect(spans[0]?.attributes).toEqual({
    "http.request.method": "GET",
    "url.full": "https://REDACTED:REDACTED@host/a?sig=REDACTED",
  });
});

it("the segment of Lambda itself cannot be annotated, as without the bridge", async () => {
  const { root } = await traced(() => newTracer().putAnnotation("key", "value"));
  expect(root.attributes.key).toBeUndefined();
  expect(warn).toHaveBeenCalledOnce();
  warn.mockClear();
});

it("outside of an invocation a method runs as it would, and records nothing", async () => {
  const run = byDecorators(newTracer());
  const answer = await run({ id: "7" }, {});
  expect(answer).toEqual({ id: "7", price: 42 });
  warn.mockClear();
});

it("an alias takes X-Ray's SDK out of the bundle, and the same code makes the same spans", async () => {
  const { metafile, outputFiles } = await build({
    stdin: {
      contents: `export { Tracer } from "@aws-lambda-powertools/tracer"; export * from "./powertools.ts";`,
      resolveDir: import.meta.dirname,
      loader: "ts",
    },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    alias: { "aws-xray-sdk-core": "edgespan/powertools" },
    // One copy of edgespan, so that the function under test shares its state.
    external: ["edgespan/powertools", "@middy/core"],
  });
  expect(Object.keys(metafile.inputs).filter((path) => path.includes("xray"))).toEqual([]);
  const file = join(import.meta.dirname, `.alias-${process.pid}.mjs`);
  await writeFile(file, outputFiles[0]?.contents ?? "");
  try {
    const bundled = (await import(file)) as {
      Tracer: typeof Tracer;
      byDecorators: typeof byDecorators;
    };
    await using upstream = await serveAws({});
    const tracer = new bundled.Tracer();
    const byAlias = await invoke(bundled.byDecorators(tracer), { id: "7" });
    const byBridge = await invoke(byDecorators(newTracer()), { id: "7" });
    const ignoringCold = (outcome: Outcome): unknown =>
      JSON.parse(JSON.stringify(shape(outcome)).replace(/"ColdStart":\w+/, '"ColdStart":0'));
    expect(ignoringCold(byAlias)).toEqual(ignoringCold(byBridge));

    // Its own watch over `fetch` sees what edgespan has told already.
    const called = await traced(
      async () => {
        await (await fetch(upstream.config.endpoint)).text();
      },
      { instrument: { fetch: true } },
    );
    expect(called.spans.map(({ name }: CollectedSpan) => name)).toEqual(["GET"]);
  } finally {
    await rm(file);
  }
});
