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

/**
 * X-Ray inside of Lambda, which `OTEL_PROPAGATORS` calls `xray-lambda`: where the event names no
 * parent, it is a sampled segment that Lambda tells of, as with `instrument.lambda.xrayParent`.
 * @see https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/
 */
export const xrayLambda: TextMapPropagator = {
  inject(context, carrier, setter) {
    xray.inject(context, carrier, setter);
  },
  extract: (context, carrier, getter) => xray.extract(context, carrier, getter),
  // By the variable that Lambda tells it in, the platform sees that it is asked to read it.
  fields: () => [...xray.fields(), "_X_AMZN_TRACE_ID"],
};
