export { sdk as default } from "./platform/lambda/powertools/sdk.js";
export { bridgeTracer, type PowertoolsTracer } from "./platform/lambda/powertools/bridge.js";
export {
  Segment,
  Subsegment,
  captureAWS,
  captureAWSClient,
  captureAWSv3Client,
  captureAsyncFunc,
  captureFunc,
  captureHTTPsGlobal,
  getNamespace,
  getSegment,
  setContextMissingStrategy,
  setDaemonAddress,
  setLogger,
  setSegment,
} from "./platform/lambda/powertools/stand-in.js";
