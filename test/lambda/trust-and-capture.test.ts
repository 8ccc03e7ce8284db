import middy from "@middy/core";
import { type Options, span } from "edgespan";
import { capture } from "edgespan/capture";
import { wrapHandler } from "edgespan/lambda";
import { tracing } from "edgespan/middy";
import { type CollectedSpan, createCollector, createFakeLambdaContext } from "edgespan/testing";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";
const traceparent = `00-${TRACE}-${CALLER}-01`;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

interface Event {
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
}

function eventOf(name: string, headers: Record<string, string>): Event {
  const text = readFileSync(`test/lambda/events/${name}.json`, "utf8");
  const event = JSON.parse(text) as Event;
  const multi = Object.entries(headers).map(([key, value]) => [key, [value]]);
  if (event.multiValueHeaders)
    Object.assign(event.multiValueHeaders, Object.fromEntries(multi) as object);
  if (event.headers) Object.assign(event.headers, headers);
  return event;
}

async function rootOf(
  event: unknown,
  options: Options,
  result: unknown = { statusCode: 200 },
  clientContext?: unknown,
) {
  const collector = createCollector();
  const exporter = { url: "http://collector/v1/traces", fetch: collector.fetch };
  const handler = wrapHandler(async (_event: unknown, _context: unknown) => result, {
    exporter,
    ...options,
  });
  expect(await handler(event, { ...createFakeLambdaContext(), clientContext })).toBe(result);
  return collector.spans()[0] as CollectedSpan;
}

const HTTP = ["api-gateway-v1", "api-gateway-v2", "function-url", "alb", "alb-multi-value"];

describe.each(HTTP)("an event of %s", (name) => {
  it("is trusted or not by what the option says, which is given the event", async () => {
    const event = eventOf(name, { traceparent });
    const rule = vi.fn<(given: unknown) => boolean>((given) => given === event);
    const joined = { traceId: TRACE, parentSpanId: CALLER, links: [] };
    expect(await rootOf(event, {})).toMatchObject(joined);
    expect(await rootOf(event, { trust: rule })).toMatchObject(joined);
    for (const trust of ["none", () => false] as const)
      expect(await rootOf(event, { trust })).toMatchObject({
        traceId: expect.not.stringMatching(TRACE) as string,
        parentSpanId: undefined,
        links: [{ traceId: TRACE, spanId: CALLER }],
      });
    expect(rule.mock.calls).toEqual([[event]]);
  });

  it("tells headers and the client's address where that is asked for, and not otherwise", async () => {
    const event = eventOf(name, {
      "X-Tenant": "acme",
      "x-forwarded-for": "198.51.100.1, 203.0.113.7",
    });
    const result = {
      statusCode: 200,
      headers: { "X-Served": "us" },
      multiValueHeaders: { "X-Tags": ["a", "b"] },
    };
    const told = ({ attributes }: CollectedSpan): unknown =>
      Object.fromEntries(Object.entries(attributes).filter(([key]) => /header|client/.test(key)));
    expect(told(await rootOf(event, {}, result))).toEqual({});
    const options = {
      requestHeaders: ["x-tenant"],
      responseHeaders: ["x-served", "x-tags"],
      clientAddress: true,
    };
    expect(told(await rootOf(event, { capture: capture(options) }, result))).toEqual({
      "client.address": ADDRESSES[name],
      "http.request.header.x-tenant": ["acme"],
      "http.response.header.x-served": ["us"],
      "http.response.header.x-tags": ["a,b"],
    });
  });
});

/** Those of the examples; behind a load balancer, the last that was forwarded. */
const ADDRESSES: Record<string, string> = {
  "api-gateway-v1": "192.0.2.1",
  "api-gateway-v2": "192.0.2.1",
  "function-url": "123.123.123.123",
  alb: "203.0.113.7",
  "alb-multi-value": "203.0.113.7",
};

describe("a caller that Lambda names beside the event", () => {
  const joined = { traceId: TRACE, parentSpanId: CALLER, links: [] };
  const links = [{ traceId: TRACE, spanId: CALLER }];
  const apart = { parentSpanId: undefined, links };
  const custom = { traceparent };

  it("in the client context is trusted or not as one in the event is", async () => {
    const rule = vi.fn<(given: unknown) => boolean>(() => false);
    expect(await rootOf({ id: 1 }, {}, undefined, { custom })).toMatchObject(joined);
    for (const trust of ["none", rule] as const)
      expect(await rootOf({ id: 1 }, { trust }, undefined, { custom })).toMatchObject(apart);
    expect(rule.mock.calls).toEqual([[{ id: 1 }]]);
  });

  it("in the invocation's store too", async () => {
    vi.stubGlobal("awslambda", { InvokeStore: { getTraceparent: () => traceparent } });
    expect(await rootOf({}, {})).toMatchObject(joined);
    expect(await rootOf({}, { trust: "none" })).toMatchObject(apart);
  });

  it("hides no sender of a batch's records where it is not trusted itself", async () => {
    const batch = eventOf("sqs-batch", {});
    const senders = (await rootOf(batch, {})).links;
    expect(senders).toHaveLength(2);
    const root = await rootOf(batch, { trust: "none" }, undefined, { custom });
    expect(root).toMatchObject({ parentSpanId: undefined });
    expect(root.links).toEqual([...senders, { ...links[0], attributes: {} }]);
  });

  it("is no more trusted where X-Ray names it, which a client's header may have told", async () => {
    const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    const segment = { traceId: "5759e988bd862e3fe1be46a994272793", spanId: "53995c3f42cd8ad8" };
    const xray: Options = { instrument: { lambda: { xrayParent: true } } };
    const record = {
      eventSource: "aws:sqs",
      messageId: "1",
      attributes: { AWSTraceHeader: header },
    };
    for (const [event, variable] of [
      [{}, header],
      [{ Records: [record] }, undefined],
    ] as const) {
      vi.stubEnv("_X_AMZN_TRACE_ID", variable);
      expect(await rootOf(event, xray)).toMatchObject({ parentSpanId: segment.spanId });
      const untrusted = await rootOf(event, { ...xray, trust: "none" });
      expect(untrusted).toMatchObject({ parentSpanId: undefined });
      expect(untrusted.traceId).not.toBe(segment.traceId);
      expect(untrusted.links).toContainEqual(expect.objectContaining(segment));
    }
  });
});

describe.each(["api-gateway-v2", "function-url"])("an event of %s and its result", (name) => {
  const event = { ...eventOf(name, {}), cookies: ["a=1", "b=2"] };
  const result = { statusCode: 200, headers: { "X-Served": "us" }, cookies: ["c=3", "d=4"] };
  const recorded = capture({
    requestHeaders: ["Cookie"],
    responseHeaders: ["Set-Cookie", "x-served"],
  });
  const told = {
    "http.request.header.cookie": ["a=1; b=2"],
    "http.response.header.set-cookie": ["c=3,d=4"],
    "http.response.header.x-served": ["us"],
  };

  it("tell cookies, which stand beside the headers, where that is asked for, and not otherwise", async () => {
    expect(JSON.stringify(await rootOf(event, {}, result))).not.toMatch(/a=1|d=4/);
    const { attributes } = await rootOf(event, { capture: recorded }, result);
    expect(attributes).toMatchObject(told);
  });

  it("tell them under Middy's middleware, too", async () => {
    const collector = createCollector();
    const exporter = { url: "http://collector/v1/traces", fetch: collector.fetch };
    const handler = middy()
      .use(tracing({ exporter, capture: recorded }))
      .handler(async () => result);
    expect(await handler(event, createFakeLambdaContext() as never)).toBe(result);
    await collector.waitForSpans(1);
    expect(collector.spans()[0]?.attributes).toMatchObject(told);
  });
});

it("an event that is no request has neither headers nor an address", async () => {
  const all = capture({ requestHeaders: ["a"], responseHeaders: ["a"], clientAddress: true });
  const { attributes } = await rootOf(
    { headers: { a: "1" } },
    { capture: all },
    { headers: { a: "1" } },
  );
  expect(Object.keys(attributes).filter((key) => /header|client/.test(key))).toEqual([]);
});

it("a root that redact drops is not exported, and the answer is the same", async () => {
  vi.spyOn(console, "warn").mockReturnValue();
  const redact = (): never => {
    throw new Error("hunter2");
  };
  expect(await rootOf({}, { redact })).toBeUndefined();
  expect(console.warn).toHaveBeenCalledExactlyOnceWith("edgespan: redact failed");
});

it("a URL's credentials and secret parameters are nowhere told, also where fetch refuses it and quotes it", async () => {
  const collector = createCollector();
  const exporter = { url: "http://collector/v1/traces", fetch: collector.fetch };
  const url = "http://me:hunter2@127.0.0.1:9/a?sig=hunter2";
  const handler = wrapHandler(
    async (_event: unknown, _context: unknown) => span("order", () => fetch(url)),
    { exporter },
  );
  await expect(handler({}, createFakeLambdaContext())).rejects.toThrow("hunter2");
  const message = `Request cannot be constructed from a URL that includes credentials: http://REDACTED:REDACTED@127.0.0.1:9/a?sig=REDACTED`;
  const told = collector
    .spans()
    .map(({ status, events }) => [status.message, events[0]?.attributes]);
  const failed = [message, expect.objectContaining({ "exception.message": message })];
  expect(told).toEqual([failed, failed, failed]);
  expect(JSON.stringify(collector.spans())).not.toContain("hunter2");
});

it.each([
  "http://127.0.0.1:9/?token=hunter2",
  "http://me:hunter2@127.0.0.1:9/?page=1&TOKEN=hunter2",
  "http://host:99999/?to%5Bken%5D=hunter2",
  "/relative?to[ken]=hunter2&page=1",
])(
  "the user's own secret parameters are nowhere told, also where fetch quotes them: %s",
  async (url) => {
    const collector = createCollector();
    const handler = wrapHandler(
      async (_event: unknown, _context: unknown) => span("order", () => fetch(url)),
      {
        exporter: { url: "http://collector/v1/traces", fetch: collector.fetch },
        capture: capture({ secretParameters: ["token", "to[ken]"] }),
      },
    );
    await expect(handler({}, createFakeLambdaContext())).rejects.toThrow(TypeError);
    expect(collector.spans().length).toBeGreaterThan(1);
    expect(JSON.stringify(collector.spans())).not.toContain("hunter2");
  },
);

it.each(HTTP)("the user's own secret parameters are not told of an event of %s", async (name) => {
  const event = eventOf(name, {}) as Record<string, unknown>;
  const value = "hunter2";
  event["rawQueryString"] = `to%5Bken%5D=${value}&sig=${value}&page=1`;
  event["queryStringParameters"] = { "to[ken]": value, sig: value, page: "1" };
  if (event["multiValueQueryStringParameters"])
    event["multiValueQueryStringParameters"] = {
      "to[ken]": [value, value],
      sig: [value],
      page: ["1"],
    };
  const { attributes } = await rootOf(event, {
    capture: capture({ secretParameters: ["to[ken]"] }),
  });
  expect(attributes["url.query"]).toContain("page=1");
  expect(attributes["url.query"]).toContain("sig=REDACTED");
  expect(attributes["url.query"]).not.toContain(value);
});
