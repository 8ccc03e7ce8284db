export { wrapHandler } from "./platform/lambda/wrap-handler.js";
