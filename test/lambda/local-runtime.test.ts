import { describe, expect, it, onTestFinished } from "vitest";
import {
  type LambdaOptions,
  type LocalLambda,
  startLambda,
} from "../../src/testing/lambda-runtime.ts";
import { type Client, underEachClient, underNode22, underNode24 } from "./clients.ts";
import { isPrevious } from "./runtime-client/index.ts";

const taskRoot = `${import.meta.dirname}/fixtures`;
const anyMs: number = expect.any(Number);
const xRayTraceId: string = expect.stringMatching(
  /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
);
const anyId: string = expect.stringMatching(/^[0-9a-f-]{36}$/);

underEachClient("a local Lambda", promises);

describe("a local Lambda under any runtime client", () => {
  it("refuses options that cannot work, naming the fix", async () => {
    const startWith = async (options: Partial<LambdaOptions>): Promise<unknown> =>
      startLambda({ handler: "answers.echo", taskRoot, ...options });
    await expect(startWith({ handler: "answers" })).rejects.toThrow(/e\.g\. src\/index\.handler/);
    await expect(startWith({ taskRoot: "/no/such" })).rejects.toThrow(/taskRoot .* does not exist/);
    await expect(startWith({ runtimeClient: "/no/ric" })).rejects.toThrow(
      /runtimeClient .* not exist/,
    );
    await expect(startWith({ timeoutMs: 0 })).rejects.toThrow(
      /timeoutMs 0 must be a positive number/,
    );
    await expect(startWith({ nodePath: "/no/node" })).rejects.toThrow(/give the path of a node/);
  });

  it("replaces a sandbox that has not come back for more by its last deadline", async () => {
    const runtimeClient = `${taskRoot}/answers-once.mjs`;
    const lambda = await start("answers.echo", { runtimeClient, timeoutMs: 500 });
    const outcomes = [await lambda.invoke("first"), await lambda.invoke("second")];
    expect(outcomes).toMatchObject([
      { status: "success", payload: "first", initMs: anyMs },
      { status: "success", payload: "second", initMs: anyMs },
    ]);
  });
});

underNode24("a local Lambda", (client) => {
  it("gives back what a handler returns without a promise", async () => {
    const lambda = await start("answers.sync", client);
    expect(await lambda.invoke({ value: 21 })).toMatchObject({ payload: { doubled: 42 } });
  });

  it("refuses at init a handler that declares a callback", async () => {
    const lambda = await start("answers.callback", client);
    expect(await lambda.invoke()).toMatchObject({
      status: "error",
      phase: "init",
      error: { errorType: "Runtime.CallbackHandlerDeprecated" },
    });
  });
});

underNode22("a local Lambda", (client) => {
  /** The answer, and whether the event loop was empty before it. */
  const answerOf = async (name: string): Promise<unknown> => {
    const lambda = await start(`common.${name}`, client);
    const outcome = await lambda.invoke();
    const isEmpty = lambda.output().includes("loop is empty");
    return outcome.status === "success" ? [outcome.payload, isEmpty] : outcome;
  };

  it("takes the result that a handler gives to its callback", async () => {
    expect(await answerOf("calledBack")).toEqual(["later", false]);
  });

  it("takes the error that a handler gives to its callback", async () => {
    expect(await answerOf("calledBackWithError")).toMatchObject({
      status: "error",
      error: { errorType: "RangeError", errorMessage: "refused" },
    });
  });

  it("answers null once the event loop is empty and the callback was never called", async () => {
    expect(await answerOf("neverCalledBack")).toEqual([null, false]);
  });

  it("holds a called-back result until the event loop is empty", async () => {
    expect(await answerOf("waits")).toEqual(["after the loop", true]);
  });

  it("answers at once when callbackWaitsForEmptyEventLoop is false", async () => {
    expect(await answerOf("doesNotWait")).toEqual(["at once", false]);
  });
});

async function start(handler: string, options: Partial<LambdaOptions>): Promise<LocalLambda> {
  const lambda = await startLambda({ handler, taskRoot, ...options });
  onTestFinished(() => lambda.close());
  return lambda;
}

/** What must hold under any runtime client. */
function promises(client: Client): void {
  const lambdaOf = (handler: string, options: Partial<LambdaOptions> = {}): Promise<LocalLambda> =>
    start(handler, { ...client, ...options });

  it("gives back what an async handler returns, and reuses the sandbox", async () => {
    const lambda = await lambdaOf("answers.echo");
    const cold = await lambda.invoke({ name: "Zoë" });
    const warm = await lambda.invoke();
    const pid: number = expect.any(Number);
    expect([cold, warm]).toEqual([
      {
        status: "success",
        payload: { event: { name: "Zoë" }, invocation: 1, pid },
        phase: "invoke",
        requestId: anyId,
        durationMs: anyMs,
        initMs: anyMs,
      },
      {
        status: "success",
        payload: { event: {}, invocation: 2, pid },
        phase: "invoke",
        requestId: anyId,
        durationMs: anyMs,
      },
    ]);
  });

  it("gives back null for a handler that returns nothing", async () => {
    const lambda = await lambdaOf("answers.silent");
    expect(await lambda.invoke()).toMatchObject({ status: "success", payload: null });
  });

  it("finds nested exports, and handlers in CommonJS files", async () => {
    const nested = await lambdaOf("answers.deep.er.handler");
    const common = await lambdaOf("fixtures/common.handler", { taskRoot: import.meta.dirname });
    expect(await nested.invoke()).toMatchObject({ payload: "found" });
    expect(await common.invoke()).toMatchObject({ payload: "from CommonJS" });
  });

  it("reports what the handler throws, and goes on in the same sandbox", async () => {
    const lambda = await lambdaOf("answers.failing");
    expect(await lambda.invoke({ message: "too far" })).toEqual({
      status: "error",
      error: {
        errorType: "RangeError",
        errorMessage: "too far",
        trace: expect.arrayContaining(["RangeError: too far"]) as string[],
      },
      phase: "invoke",
      requestId: anyId,
      durationMs: anyMs,
      initMs: anyMs,
    });
    const again = await lambda.invoke({ message: "again" });
    expect(again).toMatchObject({ status: "error", error: { errorMessage: "again" } });
    expect(again).not.toHaveProperty("initMs");
  });

  it("reports a thrown value that is no error by its type", async () => {
    const lambda = await lambdaOf("answers.throwsText");
    expect(await lambda.invoke()).toMatchObject({
      error: { errorType: "string", errorMessage: "just text", trace: [] },
    });
  });

  it.each([
    ["fails-at-init.handler", { errorType: "TypeError", errorMessage: "no such setting" }],
    ["answers.missing", { errorType: "Runtime.HandlerNotFound" }],
    ["answers.notAFunction", { errorType: "Runtime.HandlerNotFound" }],
    ["nowhere.handler", { errorType: "Runtime.ImportModuleError" }],
  ])("reports a function that cannot be loaded, at every attempt: %s", async (handler, error) => {
    const lambda = await lambdaOf(handler);
    const outcomes = [await lambda.invoke(), await lambda.invoke()];
    const failure = { status: "error", phase: "init", durationMs: 0, initMs: anyMs, error };
    expect(outcomes).toMatchObject([failure, failure]);
  });

  it("kills a sandbox at its deadline, and starts the next invocation cold", async () => {
    const lambda = await lambdaOf("answers.slow", { timeoutMs: 250 });
    const before = await lambda.invoke({ ms: 0, name: "before" });
    const late = await lambda.invoke({ ms: 60_000, name: "late" });
    const after = await lambda.invoke({ ms: 0, name: "after" });
    expect(late).toEqual({
      status: "timeout",
      phase: "invoke",
      requestId: anyId,
      durationMs: anyMs,
    });
    expect(late.durationMs).toBeGreaterThanOrEqual(249);
    expect(after).toMatchObject({ status: "success", initMs: anyMs });
    expect(isAlive(pidOf(before))).toBe(false);
    expect(lambda.output()).toMatch(/begin late[^]*Task timed out after 0\.25 seconds\n/);
    expect(lambda.output()).not.toContain("end late");
  });

  it("lets one invocation have its own time limit", async () => {
    const lambda = await lambdaOf("answers.surroundings");
    const outcome = await lambda.invoke({}, { timeoutMs: 40_000 });
    expect(remainingMsOf(outcome)).toBeGreaterThan(30_000);
  });

  it("reports a process that ends during an invocation, and starts the next one cold", async () => {
    const lambda = await lambdaOf("answers.exits");
    const first = await lambda.invoke({ code: 7 });
    const second = await lambda.invoke({ code: 0 });
    expect(first).toMatchObject({ status: "exit", code: 7, signal: null, phase: "invoke" });
    expect(second).toMatchObject({ status: "exit", code: 0, signal: null, initMs: anyMs });
  });

  it("runs queued invocations one at a time, in their order", async () => {
    const lambda = await lambdaOf("answers.slow");
    const outcomes = await Promise.all(
      ["a", "b", "c"].map((name, index) => lambda.invoke({ ms: 40 - index * 20, name })),
    );
    expect(outcomes).toMatchObject(["a", "b", "c"].map((name) => ({ payload: { name } })));
    expect(new Set(outcomes.map(pidOf)).size).toBe(1);
    expect(lambda.output().match(/(begin|end) \w/g)).toEqual(
      ["a", "b", "c"].flatMap((name) => [`begin ${name}`, `end ${name}`]),
    );
  });

  it("has everything the handler printed in output() when its outcome arrives", async () => {
    const lambda = await lambdaOf("answers.slow");
    await lambda.invoke({ ms: 0, name: "only" });
    expect(lambda.output()).toContain("end only");
  });

  it("gives the function Lambda's environment and its own, and nothing of the parent's", async () => {
    process.env["PARENTS_SECRET"] = "x";
    const lambda = await lambdaOf("answers.surroundings", {
      env: { OTEL_SERVICE_NAME: "shop", AWS_SAM_LOCAL: undefined, TZ: "Europe/Vienna" },
      functionName: "shop",
      memoryMb: 256,
      region: "eu-central-1",
    });
    const outcome = await lambda.invoke({}, { traceHeader: "Root=1-2-3;Parent=4;Sampled=1" });
    delete process.env["PARENTS_SECRET"];
    const { AWS_LAMBDA_RUNTIME_API: api, LAMBDA_RUNTIME_DIR: runtimeDir, ...env } = envOf(outcome);
    expect(api).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(runtimeDir).toBeTruthy();
    expect(env).toEqual({
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${isPrevious ? 22 : process.versions.node.split(".")[0]}.x`,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_FUNCTION_NAME: "shop",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/shop",
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^[\d/]+\[\$LATEST\][0-9a-f]{32}$/),
      AWS_REGION: "eu-central-1",
      LAMBDA_TASK_ROOT: taskRoot,
      LANG: "en_US.UTF-8",
      OTEL_SERVICE_NAME: "shop",
      PATH: process.env["PATH"],
      TZ: "Europe/Vienna",
      _HANDLER: "answers.surroundings",
      _X_AMZN_TRACE_ID: "Root=1-2-3;Parent=4;Sampled=1",
    });
  });

  it("gives the handler a context that says who, what and for how long", async () => {
    const lambda = await lambdaOf("answers.surroundings", { timeoutMs: 5000 });
    const outcome = await lambda.invoke({}, { clientContext: { client: { name: "Zoë" } } });
    expect(contextOf(outcome)).toEqual({
      awsRequestId: outcome.requestId,
      clientContext: { client: { name: "Zoë" } },
      functionName: "local",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:local",
      logGroupName: "/aws/lambda/local",
      logStreamName: envOf(outcome)["AWS_LAMBDA_LOG_STREAM_NAME"],
      memoryLimitInMB: "128",
      ...(isPrevious ? { callbackWaitsForEmptyEventLoop: true } : { xRayTraceId }),
    });
    expect(remainingMsOf(outcome)).toSatisfy((ms: number) => ms > 3000 && ms <= 5000);
  });

  it("ends the sandbox when it is closed, and takes no more invocations", async () => {
    const lambda = await lambdaOf("answers.slow");
    const warm = await lambda.invoke({ ms: 0, name: "warm" });
    const running = lambda.invoke({ ms: 60_000, name: "running" });
    const queued = lambda.invoke().catch(String);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await lambda.close();
    expect(await running).toMatchObject({ status: "exit", signal: "SIGKILL" });
    expect(isAlive(pidOf(warm))).toBe(false);
    expect(await queued).toMatch(/closed: call startLambda\(\)/);
    await expect(lambda.invoke()).rejects.toThrow(/closed/);
  });

  it("turns an HTTP request into a Function URL event", async () => {
    const lambda = await lambdaOf("http.handler", { region: "eu-west-1" });
    const { url } = await lambda.listen();
    const response = await fetch(`${url}/event?tag=a&tag=b%20c&q=`, {
      method: "POST",
      headers: [
        ["content-type", "application/json; charset=utf-8"],
        ["cookie", "a=1; b=2"],
        ["user-agent", "test"],
        ["x-amzn-trace-id", "Root=1-5-6"],
        ["x-many", "1"],
        ["x-many", "2"],
      ],
      body: '{"name":"Zoë"}',
    });
    const event = (await response.json()) as { headers: unknown };
    expect(event).toEqual({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/event",
      rawQueryString: "tag=a&tag=b%20c&q=",
      queryStringParameters: { tag: "a,b c", q: "" },
      cookies: ["a=1", "b=2"],
      headers: expect.any(Object) as unknown,
      requestContext: {
        accountId: "anonymous",
        apiId: "local",
        domainName: "local.lambda-url.eu-west-1.on.aws",
        domainPrefix: "local",
        http: {
          method: "POST",
          path: "/event",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "test",
        },
        requestId: anyId,
        routeKey: "$default",
        stage: "$default",
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: anyMs,
      },
      body: '{"name":"Zoë"}',
      isBase64Encoded: false,
    });
    expect(event.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      host: "local.lambda-url.eu-west-1.on.aws",
      "x-amzn-trace-id": "Root=1-5-6",
      "x-forwarded-proto": "https",
      "x-many": expect.stringMatching(/^1, ?2$/),
    });
    expect(event.headers).not.toHaveProperty("cookie");
  });

  it("sends forms and bytes to the function in base64", async () => {
    const lambda = await lambdaOf("http.handler");
    const { url } = await lambda.listen();
    const send = async (body: Uint8Array<ArrayBuffer> | URLSearchParams): Promise<unknown> =>
      (await fetch(`${url}/event`, { method: "POST", body })).json();
    const bytes = await send(Uint8Array.of(0, 255));
    const form = await send(new URLSearchParams({ a: "1" }));
    expect(bytes).toMatchObject({ body: "AP8=", isBase64Encoded: true });
    expect(form).toMatchObject({ body: btoa("a=1"), isBase64Encoded: true });
  });

  it("turns the function's result into an HTTP response", async () => {
    const lambda = await lambdaOf("http.handler");
    const { url } = await lambda.listen();
    const get = async (path: string): Promise<unknown[]> => {
      const response = await fetch(url + path);
      const { status, headers } = response;
      const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
      return [status, headers.get("content-type"), body, headers.getSetCookie()];
    };
    const json = "application/json";
    expect(await get("/page")).toEqual([201, "text/html", "<p>hi</p>", ["a=1; Path=/", "b=2"]]);
    expect(await get("/bytes")).toEqual([200, "application/octet-stream", "\0ÿ\x80", []]);
    expect(await get("/text")).toEqual([200, json, '"plain"', []]);
    expect(await get("/nothing")).toEqual([200, json, "null", []]);
    expect(await get("/malformed")).toEqual([502, json, "Internal Server Error", []]);
    expect(await get("/throws")).toEqual([502, json, "Internal Server Error", []]);
  });

  it("answers concurrent HTTP requests from one sandbox, each with its own result", async () => {
    const lambda = await lambdaOf("http.handler");
    const { url } = await lambda.listen();
    const paths = await Promise.all(
      ["1", "2", "3"].map(async (query) => {
        const response = await fetch(`${url}/event?${query}`);
        return ((await response.json()) as { rawQueryString: string }).rawQueryString;
      }),
    );
    expect(paths).toEqual(["1", "2", "3"]);
  });
}

type Outcome = Awaited<ReturnType<LocalLambda["invoke"]>>;

function payloadOf(outcome: Outcome): Record<string, unknown> {
  if (outcome.status !== "success") throw new Error(`no payload: ${JSON.stringify(outcome)}`);
  return outcome.payload as Record<string, unknown>;
}

const pidOf = (outcome: Outcome): number => Number(payloadOf(outcome)["pid"]);
const remainingMsOf = (outcome: Outcome): number => Number(payloadOf(outcome)["remainingMs"]);
const envOf = (outcome: Outcome): Record<string, string> =>
  payloadOf(outcome)["env"] as Record<string, string>;
const contextOf = (outcome: Outcome): unknown => payloadOf(outcome)["context"];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
