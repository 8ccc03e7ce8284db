// In a process of its own: what it takes to load a function, and the memory after some calls.
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";

const CALLS = 200;
const [file, before] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const load = (path) => (path.endsWith(".cjs") ? require(path) : import(path));
const context = {
  functionName: "bench",
  functionVersion: "1",
  awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:bench",
  memoryLimitInMB: "128",
  getRemainingTimeInMillis: () => 30_000,
};

// What the runtime client has loaded by the time that it loads a function.
process.getBuiltinModule("node:http");
const start = performance.now();
if (before) await load(before);
const { handler } = await load(file);
const loadMs = performance.now() - start;
for (let call = 0; call < CALLS; call++) await handler({ key: "value" }, context);
console.log(JSON.stringify({ loadMs, rssMb: process.memoryUsage().rss / 1e6 }));
process.exit();
