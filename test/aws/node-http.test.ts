/** Requests of `node:http` as spans, by the channels on which Node tells of them. */
import http, { type IncomingMessage, get } from "node:http";
import { GetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { span, stats } from "edgespan";
import { instrumentAwsClient } from "edgespan/aws";
import { capture } from "edgespan/capture";
import { wrapHandler } from "edgespan/lambda";
import { instrumentNodeHttp } from "edgespan/node-http";
import { createFakeLambdaContext } from "edgespan/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { serveAws } from "./backend.ts";
import { traced } from "./invoke.ts";

async function textOf(request: http.ClientRequest): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve).on("error", reject).end();
  });
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

const original = { get: http.get, request: http.request };

beforeAll(() => {
  instrumentNodeHttp();
  instrumentNodeHttp();
});

/** `fetch` of the options stands for all outgoing HTTP. */
const FETCH = { instrument: { fetch: true } };

describe("a request", () => {
  it("is one CLIENT span, and carries the context, whichever way it was imported", async () => {
    await using server = await serveAws({ body: "hello" });
    const url = `${server.config.endpoint}/a?sig=hidden`;
    for (const make of [() => get(url), () => http.request(url), () => http.get(new URL(url))]) {
      const { value, root, spans } = await traced(() => textOf(make()), FETCH);
      expect(value).toBe("hello");
      const [one, ...others] = spans;
      expect([others, one]).toEqual([
        [],
        expect.objectContaining({
          name: "GET",
          kind: "CLIENT",
          parentSpanId: root.spanId,
          attributes: {
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "server.address": "127.0.0.1",
            "server.port": Number(new URL(url).port),
            "url.full": url.replace("hidden", "REDACTED"),
          },
        }),
      ]);
      expect(server.sent.at(-1)?.headers.traceparent).toContain(`${one?.traceId}-${one?.spanId}`);
    }
    expect({ get: http.get, request: http.request }).toEqual(original);
  });

  it("is a child of the span that is active, and keeps headers of the caller's own", async () => {
    await using server = await serveAws({});
    const headers = { traceparent: "mine", tracestate: "a=1", baggage: "tenant=a", other: "kept" };
    const { spans } = await traced(
      () => span("outer", () => textOf(http.request(server.config.endpoint, { headers }))),
      FETCH,
    );
    const [outer, inner] = spans;
    expect(inner?.parentSpanId).toBe(outer?.spanId);
    const [sent] = server.sent;
    expect(sent?.headers).toMatchObject({ other: "kept", baggage: "tenant=a" });
    expect(sent?.headers.traceparent).toContain(inner?.spanId);
    expect(sent?.headers.tracestate).toBeUndefined();
  });

  it("keeps baggage of the caller's own that was given as a list, and adds that of the trace", async () => {
    await using server = await serveAws({});
    const event = {
      version: "2.0",
      rawPath: "/",
      requestContext: { http: { method: "GET" } },
      headers: { baggage: "user=7,tenant=b" },
    };
    const headers = { baggage: ["tenant=a", "own=1"] };
    const call = () => textOf(http.request(server.config.endpoint, { headers }));
    await traced(call, { ...FETCH, event });
    expect(server.sent[0]?.headers.baggage).toBe("tenant=a,own=1,user=7");
  });

  it("whose headers were given as a list is sent as it is", async () => {
    await using server = await serveAws({ body: "raw" });
    const headers = ["host", "localhost", "x-raw", "1"];
    const { value, spans } = await traced(
      () => textOf(http.request(server.config.endpoint, { headers })),
      FETCH,
    );
    expect([value, spans.length]).toEqual(["raw", 1]);
    expect(server.sent[0]?.headers).toMatchObject({ "x-raw": "1", host: "localhost" });
    expect(server.sent[0]?.headers.traceparent).toBeUndefined();
  });

  it("that fails throws as it did, and says so on its span", async () => {
    const { error, spans } = await traced(() => textOf(get("http://127.0.0.1:1/")), FETCH);
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
    expect(spans).toMatchObject([
      { name: "GET", status: { code: "ERROR" }, attributes: { "error.type": "Error" } },
    ]);
  });

  it("that is answered by an error is one", async () => {
    await using server = await serveAws({ status: 503 });
    const { spans } = await traced(() => textOf(get(server.config.endpoint)), FETCH);
    expect(spans).toMatchObject([
      { status: { code: "ERROR" }, attributes: { "error.type": "503" } },
    ]);
  });

  it("goes where no context may go without it", async () => {
    await using server = await serveAws({});
    const { spans } = await traced(() => textOf(get(server.config.endpoint)), {
      instrument: { fetch: { propagateTo: [] } },
    });
    expect([spans.length, server.sent[0]?.headers.traceparent]).toEqual([1, undefined]);
  });

  it("has the headers recorded that are asked for, in and out, until it is sent", async () => {
    await using server = await serveAws({ headers: { "X-Served": "us", "set-cookie": "a=1" } });
    const url = new URL(`http://me:hunter2@${server.config.endpoint.slice(7)}/?token=hunter2`);
    const options = {
      ...FETCH,
      capture: capture({
        requestHeaders: ["x-Own", "X-LATE", "accept", "content-length"],
        responseHeaders: ["x-served"],
        secretParameters: ["token"],
      }),
    };
    const { spans } = await traced(() => {
      const request = http.request(url, { headers: { "X-Own": "a", Accept: ["a/b", "c/d"] } });
      request.setHeader("x-late", "b").setHeader("content-length", 0);
      return textOf(request);
    }, options);
    expect(spans[0]?.attributes).toEqual({
      "http.request.header.accept": ["a/b,c/d"],
      "http.request.header.content-length": ["0"],
      "http.request.header.x-late": ["b"],
      "http.request.header.x-own": ["a"],
      "http.request.method": "GET",
      "http.response.header.x-served": ["us"],
      "http.response.status_code": 200,
      "server.address": "127.0.0.1",
      "server.port": Number(url.port),
      "url.full": `http://127.0.0.1:${url.port}/?token=REDACTED`,
    });
    expect(JSON.stringify(spans)).not.toContain("hunter2");
  });

  it("outside of an invocation, or where outgoing calls are not traced, is left alone", async () => {
    await using server = await serveAws({});
    await textOf(get(server.config.endpoint));
    const { spans } = await traced(() => textOf(get(server.config.endpoint)));
    expect([spans, server.sent.map(({ headers }) => headers.traceparent)]).toEqual([
      [],
      [undefined, undefined],
    ]);
  });
});

it("the request of a command of the AWS SDK is its child, and what it carries is not signed", async () => {
  await using aws = await serveAws({});
  const client = instrumentAwsClient(new DynamoDBClient(aws.config));
  const { root, spans } = await traced(
    () => client.send(new GetItemCommand({ TableName: "carts", Key: { id: { S: "1" } } })),
    FETCH,
  );
  expect(spans.map(({ name }) => name)).toEqual(["DynamoDB.GetItem", "POST"]);
  const [command, post] = spans;
  expect([command?.parentSpanId, post?.parentSpanId]).toEqual([root.spanId, command?.spanId]);
  expect(aws.sent[0]?.headers.traceparent).toContain(post?.spanId);
  expect(aws.sent[0]?.headers.authorization).not.toContain("traceparent");
});

it("an export is part of no trace", async () => {
  await using backend = await serveAws({});
  const exporter = { url: `${backend.config.endpoint}/v1/traces` };
  const handler = wrapHandler(async (_event: unknown, _context: unknown) => 1, {
    exporter,
    ...FETCH,
  });
  const before = stats().recorded;
  for (const name of ["one", "two"]) await handler({ name }, createFakeLambdaContext());
  // A span of the first export would have left with the second.
  expect(backend.sent.map(({ headers }) => headers.traceparent)).toEqual([undefined, undefined]);
  expect(stats().recorded - before).toBe(2);
});
