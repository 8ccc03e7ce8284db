import { type CollectedSpan, createFakeLambdaContext } from "edgespan/testing";
import { describe, expect, it } from "vitest";
import { PARENT, exampleEvent, rootOf, told, unset, whole } from "./root-span.ts";

interface Example {
  name: string;
  result: unknown;
  status?: CollectedSpan["status"];
  attributes: Record<string, unknown>;
}

/** The events that AWS documents, in test/lambda/events, and the span that each becomes. */
const EXAMPLES: Record<string, Example> = {
  "api-gateway-v1": {
    name: "GET /my/{thing}",
    result: { statusCode: 200, body: "" },
    attributes: {
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "http.route": "/my/{thing}",
      "network.protocol.name": "http",
      "network.protocol.version": "1.1",
      "server.address": "id.execute-api.us-east-1.amazonaws.com",
      "url.path": "/my/path",
      "url.query": "parameter1=value1&parameter1=value2&parameter2=a+value",
      "url.scheme": "https",
      "user_agent.original": "user-agent",
    },
  },
  "api-gateway-proxy": {
    name: "POST",
    result: { statusCode: 404 },
    attributes: {
      "http.request.method": "POST",
      "http.response.status_code": 404,
      "network.protocol.name": "http",
      "network.protocol.version": "1.1",
      "server.address": "0123456789.execute-api.us-east-1.amazonaws.com",
      "url.path": "/path/to/resource",
      "url.query": "foo=bar",
      "url.scheme": "https",
      "user_agent.original": "Custom User Agent String",
    },
  },
  "api-gateway-v2": {
    name: "POST /my/{thing}",
    // Without a status code the result is the body of a 200.
    result: { message: "Hello from Lambda!" },
    attributes: {
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "http.route": "/my/{thing}",
      "network.protocol.name": "http",
      "network.protocol.version": "1.1",
      "server.address": "id.execute-api.us-east-1.amazonaws.com",
      "url.path": "/my/path",
      "url.query": "parameter1=value1&parameter1=value2&parameter2=value",
      "url.scheme": "https",
      "user_agent.original": "agent",
    },
  },
  "function-url": {
    name: "POST",
    result: { statusCode: 503, body: "closed" },
    status: { code: "ERROR", message: undefined },
    attributes: {
      "error.type": "503",
      "http.request.method": "POST",
      "http.response.status_code": 503,
      "network.protocol.name": "http",
      "network.protocol.version": "1.1",
      "server.address": "url-id.lambda-url.us-west-2.on.aws",
      "url.path": "/my/path",
      "url.query": "parameter1=value1&parameter1=value2&parameter2=value",
      "url.scheme": "https",
      "user_agent.original": "agent",
    },
  },
  alb: {
    name: "GET",
    result: { statusCode: 201, statusDescription: "201 Created" },
    attributes: {
      "http.request.method": "GET",
      "http.response.status_code": 201,
      "server.address": "lambda-alb-123578498.us-east-2.elb.amazonaws.com",
      "url.path": "/lambda",
      "url.query": "query=1234ABCD",
      "url.scheme": "http",
      "user_agent.original": "Mozilla/5.0",
    },
  },
  "alb-multi-value": {
    name: "GET",
    result: { statusCode: "202", multiValueHeaders: {} },
    attributes: {
      "http.request.method": "GET",
      "http.response.status_code": 202,
      "server.address": "lambda-alb-123578498.us-east-2.elb.amazonaws.com",
      "url.path": "/lambda",
      "url.query": "myKey=val1&myKey=val2",
      "url.scheme": "http",
      "user_agent.original": "Mozilla/5.0",
    },
  },
};

const { traceId, spanId: parentId } = PARENT;
const traceparent = `00-${traceId}-${parentId}-01`;

describe("the root span of an event that AWS documents", () => {
  it.each(Object.entries(EXAMPLES))("of %s", async (file, { name, result, status, attributes }) => {
    const context = createFakeLambdaContext();
    expect(await rootOf(exampleEvent(file), context, result)).toEqual({
      ...whole(),
      name,
      status: status ?? unset,
      attributes: { ...attributes, ...told(context), "faas.trigger": "http" },
    });
  });

  it("of any other event: of no known trigger, and without a caller", async () => {
    const context = createFakeLambdaContext();
    const root = { ...whole(), name: "invoke", status: unset };
    const attributes = { ...told(context), "faas.trigger": "other" };
    for (const event of [{}, null, "text", 7, []])
      expect(await rootOf(event, context, { statusCode: 200 })).toEqual({ ...root, attributes });
  });

  it.each(Object.keys(EXAMPLES))("continues the caller's trace: %s", async (file) => {
    const event = exampleEvent(file);
    const headers = event["multiValueHeaders"] ? "multiValueHeaders" : "headers";
    const value = headers === "headers" ? traceparent : [traceparent];
    event[headers] = { ...(event[headers] as object), TraceParent: value };
    expect(await rootOf(event)).toMatchObject({ traceId, parentSpanId: parentId });
  });

  it("of what only resembles an HTTP request: as of any other event", async () => {
    const context = createFakeLambdaContext();
    const v1 = exampleEvent("api-gateway-proxy") as object;
    const v2 = exampleEvent("api-gateway-v2") as object;
    const arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/request";
    const lookalikes = [
      { ...v1, requestContext: null },
      { ...v1, type: "REQUEST", methodArn: arn },
      { ...v2, type: "REQUEST", routeArn: arn },
    ];
    for (const event of lookalikes)
      expect(await rootOf(event, context, { isAuthorized: false })).toMatchObject({
        name: "invoke",
        attributes: { "faas.trigger": "other" },
      });
  });

  it("names the function, and not the alias under which it was invoked, as the resource", async () => {
    const invokedFunctionArn = "arn:aws:lambda:eu-central-1:123456789012:function:shop:live";
    const context = { ...createFakeLambdaContext(), invokedFunctionArn };
    expect((await rootOf({}, context, {})).attributes).toMatchObject({
      "aws.lambda.invoked_arn": invokedFunctionArn,
      "cloud.resource_id": "arn:aws:lambda:eu-central-1:123456789012:function:shop",
    });
  });

  it("begins a new trace where a load balancer passes two traceparents on", async () => {
    const event = exampleEvent("alb-multi-value");
    event["multiValueHeaders"] = { traceparent: [traceparent, traceparent] };
    expect(await rootOf(event)).toMatchObject({ parentSpanId: undefined });
  });

  it("never takes X-Ray's own parent for the caller's", async () => {
    const event = exampleEvent("alb");
    const header = "Root=1-5c536348-3d683b8b04734faae651f476;Parent=53995c3f42cd8ad8;Sampled=0";
    event["headers"] = { "x-amzn-trace-id": header };
    expect(await rootOf(event)).toMatchObject({ parentSpanId: undefined });
  });
});
