export { traceRecord } from "./platform/lambda/trace-record.js";
export { wrapHandler } from "./platform/lambda/wrap-handler.js";
