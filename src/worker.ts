export type { WorkerOptions } from "./platform/worker/create-runtimes.js";
export { type EnvOf, instrument } from "./platform/worker/instrument.js";
export { instrumentDurableObject } from "./platform/worker/instrument-durable-object.js";
export { instrumentEntrypoint } from "./platform/worker/instrument-entrypoint.js";
export { instrumentWorkflow } from "./platform/worker/instrument-workflow.js";
export { type RpcOptions, traceRpc } from "./platform/worker/trace-rpc.js";
export type { EntrypointClass, EnvOfClass } from "./platform/worker/trace-class.js";
export { traceMessage } from "./platform/worker/trace-message.js";
