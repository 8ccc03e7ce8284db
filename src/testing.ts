export {
  type Answer,
  type CollectedExport,
  type Collector,
  createCollector,
} from "./testing/collector.js";
export {
  type FakeExecutionContext,
  type FakeLambdaContext,
  createFakeExecutionContext,
  createFakeLambdaContext,
} from "./testing/contexts.js";
export { formatTrace } from "./testing/format-trace.js";
export {
  type FunctionUrl,
  type InvokeOptions,
  type LambdaError,
  type LambdaOptions,
  type LambdaOutcome,
  type LocalLambda,
  startLambda,
} from "./testing/lambda-runtime.js";
export { type ManualClock, createManualClock } from "./testing/manual-clock.js";
export type { CollectedSpan } from "./testing/otlp-json.js";
export { type ServedCollector, serveCollector } from "./testing/serve-collector.js";
export type { TraceNode, TraceTree } from "./testing/trace-tree.js";
