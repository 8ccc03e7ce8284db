/**
 * AWS X-Ray's header, by the maintained package.
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
import type { TextMapPropagator } from "@opentelemetry/api";
import { AWSXRayPropagator } from "@opentelemetry/propagator-aws-xray";
import { bounded } from "./bounded.js";

/** AWS: what services add to the header (`Self`, `Lineage`) stays far below it. */
const MAX_LENGTH = 1_024;

/** AWS X-Ray: `x-amzn-trace-id`. For a backend that is X-Ray; another never sees the spans of AWS. */
export const xray: TextMapPropagator = /* @__PURE__ */ bounded(
  /* @__PURE__ */ new AWSXRayPropagator(),
  MAX_LENGTH,
);
