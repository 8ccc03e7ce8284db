/**
 * The built-in runtime client: the program that a local sandbox runs when `aws-lambda-ric` cannot
 * be built. It loads the handler and takes events as the managed Node runtimes do: from Node 24
 * handlers return their result, before that they may also call back.
 * It is a program, not a module of the library, and imports nothing, so that it runs as source too.
 * Built-ins come through `getBuiltinModule`: `import "node:http"` would also load undici.
 */

const fs = process.getBuiltinModule("node:fs");
const http = process.getBuiltinModule("node:http");
const net = process.getBuiltinModule("node:net");
const path = process.getBuiltinModule("node:path");
const { pathToFileURL } = process.getBuiltinModule("node:url");

type Callback = (error?: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: Context, callback?: Callback) => unknown;
type Context = Readonly<Record<string, unknown>> & { [WAITS]?: boolean };
type Headers = Readonly<Record<string, string | string[] | undefined>>;

const maxConcurrency = Number(process.env["AWS_LAMBDA_MAX_CONCURRENCY"] ?? 1);
const agent = new http.Agent({ keepAlive: true, maxSockets: maxConcurrency });
const major = Number(/nodejs(\d+)/.exec(process.env["AWS_EXECUTION_ENV"] ?? "")?.[1] ?? 24);
const WAITS = "callbackWaitsForEmptyEventLoop";

void main();

async function main(): Promise<void> {
  dieWithParent();
  const handler = await loadHandler().catch(async (error: unknown) => {
    console.error("Init Error", error);
    await call("POST", "init/error", JSON.stringify(report(error)));
    process.exit(1);
  });
  for (let left = maxConcurrency; left > 0; left--) void serve(handler);
}

/** Descriptor 3 is a pipe that closes with the parent, however that ends and whatever runs here. */
function dieWithParent(): void {
  const lifeline = new net.Socket({ fd: 3 }).on("close", () => process.exit(1));
  lifeline.resume().unref();
}

async function serve(handler: Handler): Promise<never> {
  for (;;) await serveNext(handler);
}

async function serveNext(handler: Handler): Promise<void> {
  // A poll fails only when the server has gone: there is nobody left to work for, or to tell.
  const { headers, body } = await call("GET", "invocation/next").catch(() => process.exit(1));
  const context = createContext(headers);
  const traceHeader = maxConcurrency === 1 && headers["lambda-runtime-trace-id"];
  if (traceHeader) process.env["_X_AMZN_TRACE_ID"] = String(traceHeader);
  else delete process.env["_X_AMZN_TRACE_ID"];
  const [kind, answer] = await answerTo(handler, body, context);
  // The real client also lets one turn of the event loop pass before it posts.
  await new Promise((resolve) => setImmediate(resolve));
  await call("POST", `invocation/${String(context["awsRequestId"])}/${kind}`, answer);
}

async function answerTo(
  handler: Handler,
  body: string,
  context: Context,
): Promise<["response" | "error", string]> {
  try {
    return ["response", stringify(await run(handler, JSON.parse(body), context))];
  } catch (error) {
    console.error("Invoke Error", error);
    return ["error", JSON.stringify(report(error))];
  }
}

function run(handler: Handler, event: unknown, context: Context): unknown {
  return major < 24 ? runWithCallback(handler, event, context) : handler(event, context);
}

/** Node 22 and older: whichever comes first of the promise, the callback and an empty loop. */
function runWithCallback(handler: Handler, event: unknown, context: Context): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const neverCalled = (): void => resolve(null);
  process.once("beforeExit", neverCalled);
  let finish = (error: unknown, result?: unknown, waits = false): void => {
    finish = () => {};
    process.off("beforeExit", neverCalled);
    if (error !== undefined && error !== null) reject(error);
    else if (waits) process.once("beforeExit", () => resolve(result));
    else resolve(result);
  };
  const callback: Callback = (error, result) => finish(error, result, context[WAITS]);
  const own = Object.assign(context, {
    [WAITS]: true,
    done: (error: unknown, result: unknown) => finish(error, result),
    succeed: (result: unknown) => finish(null, result),
    fail: (error: unknown) => finish(error ?? "handled"),
  });
  const returned = handler(event, context, callback);
  if (isThenable(returned)) returned.then(own.succeed, own.fail); // as the context has them now
  return promise.finally(() => process.off("beforeExit", neverCalled));
}

function createContext(headers: Headers): Context {
  const { env } = process;
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  const client = headers["lambda-runtime-client-context"];
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    clientContext: client === undefined ? undefined : JSON.parse(String(client)),
    functionName: env["AWS_LAMBDA_FUNCTION_NAME"],
    functionVersion: env["AWS_LAMBDA_FUNCTION_VERSION"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    logGroupName: env["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: env["AWS_LAMBDA_LOG_STREAM_NAME"],
    memoryLimitInMB: env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    xRayTraceId: headers["lambda-runtime-trace-id"],
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

/** Finds `dir/file.export`: the file ends at the first dot, and exports may be nested. */
async function loadHandler(): Promise<Handler> {
  const setting = process.env["_HANDLER"] ?? "";
  const [, file, names] = /^([^.]*)\.(.*)$/.exec(path.basename(setting)) ?? [];
  if (file === undefined || names === undefined || setting.includes(".."))
    throw named("Runtime.MalformedHandlerName", "Bad handler");
  const root = process.env["LAMBDA_TASK_ROOT"] ?? ".";
  const module = await importFirst(path.resolve(root, path.dirname(setting), file));
  const handler = pick(module, names) ?? pick(pick(module, "default"), names);
  if (!handler) throw named("Runtime.HandlerNotFound", `${setting} is undefined or not exported`);
  if (typeof handler !== "function")
    throw named("Runtime.HandlerNotFound", `${setting} is not a function`);
  const message = `Node.js ${major} on Lambda takes no callback-based handlers: make it async`;
  if (handler.length >= 3 && major >= 24)
    throw named("Runtime.CallbackHandlerDeprecated", `${message} and return the result`);
  return handler as Handler;
}

async function importFirst(base: string): Promise<unknown> {
  const found = ["", ".js", ".mjs", ".cjs"]
    .map((extension) => base + extension)
    .find((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile());
  if (found === undefined)
    throw named("Runtime.ImportModuleError", `Error: Cannot find module '${base}'`);
  try {
    return (await import(pathToFileURL(found).href)) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw named("Runtime.UserCodeSyntaxError", String(error));
    const isMissing = (error as { code?: unknown } | null)?.code === "MODULE_NOT_FOUND";
    throw isMissing ? named("Runtime.ImportModuleError", String(error)) : error;
  }
}

function pick(from: unknown, names: string): unknown {
  return names.split(".").reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null) return undefined;
    return (value as Readonly<Record<string, unknown>>)[name];
  }, from);
}

function stringify(result: unknown): string {
  try {
    return JSON.stringify(result) ?? "null";
  } catch {
    throw named("Runtime.JSONStringifyError", "Unable to stringify response body");
  }
}

function report(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error))
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const { name, message, stack } = error;
  return { errorType: name, errorMessage: message, trace: stack?.split("\n") ?? [] };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

function call(
  method: string,
  target: string,
  body = "",
): Promise<{ headers: Headers; body: string }> {
  const url = `http://${process.env["AWS_LAMBDA_RUNTIME_API"]}/2018-06-01/runtime/${target}`;
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const headers = { "content-type": "application/json", "content-length": length };
    const request = http.request(url, { method, agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ headers: response.headers, body: text }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}
