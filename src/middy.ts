export {
  type MiddyMiddleware,
  type MiddyRequest,
  tracing,
} from "./platform/lambda/middy/tracing.js";
