/** What `redact` and `capture` do on the real runtime: before a time-out, after it, and where the response is streamed. */
import { expect, it } from "vitest";
import { exportsOf, underAwsClient, underOneClient } from "./life.ts";

const warm = { AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" };

underOneClient("a function whose spans are redacted", (start) => {
  it("has them redacted where they are rescued before its time-out, too", async () => {
    const { lambda, collector } = await start({
      handler: "private.handler",
      env: warm,
      timeoutMs: 1_000,
    });
    const outcome = await lambda.invoke({ ms: 60_000 });
    expect(outcome.status).toBe("timeout");
    expect(collector.spans()).toMatchObject([
      { name: "local", status: { code: "ERROR", message: "about to time out" } },
      {
        name: "work",
        attributes: { password: "redacted", "error.type": "timeout" },
        events: [{ name: "began", attributes: { password: "redacted" } }],
      },
    ]);
    expect(JSON.stringify(collector.exports)).not.toContain("hunter2");
  });

  it("has its outcome redacted that comes after the rescue", async () => {
    const { lambda, collector } = await start({
      handler: "private.handler",
      env: warm,
      timeoutMs: 4_000,
    });
    await lambda.invoke({ ms: 3_700 });
    await lambda.idle();
    expect(exportsOf(collector)).toEqual([["local", "work"], ["continued"]]);
    expect(collector.spans().at(-1)).toMatchObject({
      status: { code: "ERROR", message: "redacted" },
      events: [{ attributes: { "exception.message": "redacted" } }],
    });
    expect(JSON.stringify(collector.exports)).not.toContain("hunter2");
  });
});

underAwsClient("a function that streams its response", (start) => {
  it("has the headers recorded that it is asked for, in and out", async () => {
    const { lambda, collector } = await start({ handler: "captured-stream.handler", env: warm });
    const http = { method: "GET", path: "/", protocol: "HTTP/1.1" };
    const outcome = await lambda.invoke({
      version: "2.0",
      rawPath: "/",
      rawQueryString: "",
      headers: { "x-tenant": "acme", cookie: "a=1" },
      requestContext: { http },
    });
    expect(outcome).toMatchObject({ payload: { statusCode: 201, body: "one" } });
    await lambda.idle();
    const [root] = collector.spans();
    const headers = Object.entries(root?.attributes ?? {}).filter(([key]) =>
      key.includes("header"),
    );
    expect(Object.fromEntries(headers)).toEqual({
      "http.request.header.x-tenant": ["acme"],
      "http.response.header.x-made-by": ["stream"],
      "http.response.header.set-cookie": ["a=1"],
    });
  });
});
