/** Handlers that stream their response, under AWS's own runtime client. */
import type { CollectedSpan, LambdaOutcome } from "edgespan/testing";
import { expect, it } from "vitest";
import { payloadOf, startUnder } from "./life.ts";
import { underAwsClient } from "./clients.ts";
import { awsClient } from "./runtime-client/index.ts";

const start: ReturnType<typeof startUnder> = (options) =>
  startUnder(awsClient ?? {})({
    handler: "streaming.handler",
    ...options,
    env: { AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency", ...options?.env },
  });

/** An event of a Function URL, which the handler also reads what to do from. */
const get = (streams: object): object => ({
  version: "2.0",
  rawPath: "/feed",
  rawQueryString: "",
  headers: {},
  requestContext: { http: { method: "GET", path: "/feed", protocol: "HTTP/1.1" } },
  streams,
});

/** The outcome without what differs from one invocation to the next. */
function resultOf(outcome: LambdaOutcome): object {
  const varying = new Set(["requestId", "durationMs", "initMs"]);
  return Object.fromEntries(Object.entries(outcome).filter(([name]) => !varying.has(name)));
}

async function invoked(
  event: object,
  options: NonNullable<Parameters<typeof start>[0]> = {},
): Promise<{ outcome: object; bare: object; spans: CollectedSpan[]; root: CollectedSpan }> {
  const { lambda, collector } = await start(options);
  const { lambda: plain } = await start({ ...options, handler: "streaming.bare" });
  const outcome = resultOf(await lambda.invoke(event));
  await lambda.idle();
  const bare = resultOf(await plain.invoke(event));
  const spans = collector.spans();
  const root = spans.find(({ kind }) => kind === "SERVER");
  if (!root) throw new Error("no span arrived");
  return { outcome, bare, spans, root };
}

underAwsClient("a handler that streams", () => {
  it("answers as bare, in a span that lasts until all was written", async () => {
    const { outcome, bare, root, spans } = await invoked({ ms: 60 });
    expect(outcome).toEqual(bare);
    expect(outcome).toMatchObject({ status: "success", payload: "onetwo" });
    expect(root).toMatchObject({ name: "local", status: { code: "UNSET" } });
    expect(root.durationMs).toBeGreaterThan(50);
    expect(spans.find(({ name }) => name === "chunk")?.parentSpanId).toBe(root.spanId);
  });

  it.each([
    ["around the mark", "handler"],
    ["within it", "within"],
  ])("tells its status and when its first byte left, wrapped %s", async (_, fixture) => {
    const { outcome, bare, root } = await invoked(get({ status: 418, ms: 60 }), {
      handler: `streaming.${fixture}`,
    });
    expect(root.durationMs).toBeGreaterThan(50);
    expect(outcome).toEqual(bare);
    expect(outcome).toMatchObject({ payload: { statusCode: 418, body: "onetwo" } });
    expect(root.name).toBe("GET");
    expect(root.attributes["http.response.status_code"]).toBe(418);
    expect(root.events.map(({ name }) => name)).toEqual(["http.response.first_byte"]);
  });

  it.each([
    ["before the first byte", { failsAfter: 0 }],
    ["after the first byte", { failsAfter: 1 }],
    ["at the end", { atOnce: true }],
  ])("that fails %s fails as bare, and its span says so", async (message, streams) => {
    const { outcome, bare, root } = await invoked(get(streams));
    const kindOf = ({ error, ...rest }: { error?: { errorMessage?: string } }): unknown => ({
      ...rest,
      message: error?.errorMessage,
    });
    expect(kindOf(outcome)).toEqual(kindOf(bare));
    expect(root).toMatchObject({
      status: { code: "ERROR", message },
      attributes: { "error.type": "RangeError" },
    });
  });

  it("has its first byte with the client before its spans leave", async () => {
    const { lambda, collector } = await start();
    const held = Promise.withResolvers<{ status: number }>();
    collector.answer(() => held.promise);
    const outcome = await lambda.invoke({ chunks: ["all"] });
    expect([outcome.status, collector.spans()]).toEqual(["success", []]);
    held.resolve({ status: 200 });
    await lambda.idle();
    expect(collector.spans()).toHaveLength(1);
  });

  it("leaves its spans also where no extension is allowed", async () => {
    const { lambda, collector } = await start({
      env: { AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start" },
    });
    const outcome = await lambda.invoke({ ms: 30 });
    await lambda.idle();
    expect([outcome.status, collector.spans().map(({ name }) => name)]).toEqual([
      "success",
      ["local", "chunk"],
    ]);
  });

  it("has the marks by which the runtime client knows it", async () => {
    const { lambda } = await start({ handler: "streaming.looks" });
    const [bare, wrapped] = payloadOf(await lambda.invoke()) as unknown as [unknown[], unknown[]];
    expect(wrapped).toEqual(bare);
  });
});
