/** What Lambda's context object tells of an invocation. */
import type { Attributes } from "@opentelemetry/api";
import type { AfterResponse } from "../../flush/flush.js";
import { quietly } from "../../trace/quietly.js";

/** The part of Lambda's `Context` that is used here; in users' tests it may be missing altogether. */
export type LambdaContext =
  | {
      readonly awsRequestId?: string;
      readonly invokedFunctionArn?: string;
      /** What a direct call has with it; the runtime client spells it as it came. */
      readonly clientContext?: { readonly custom?: unknown; readonly Custom?: unknown };
      readonly xRayTraceId?: string;
      getRemainingTimeInMillis?(): number;
    }
  | undefined;

/** Left to the runtime client for posting the response. */
const MARGIN_MS = 100;
/** What a flush may take where the time that remains is unknown. */
const UNKNOWN_MS = 5_000;

/** Nothing runs after a response here, so there is no `waitUntil`: the response waits for the flush. */
export function afterHandler(context: LambdaContext): AfterResponse {
  return {
    remainingMs() {
      const ms: unknown = quietly(() => context?.getRemainingTimeInMillis?.());
      return Math.max(0, (Number.isFinite(ms) ? (ms as number) : UNKNOWN_MS) - MARGIN_MS);
    },
  };
}

/** @see https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/ */
export function contextAttributes(context: LambdaContext): Attributes {
  const { awsRequestId, invokedFunctionArn } = context ?? {};
  // arn:aws:lambda:<region>:<account>:function:<name>
  const account = invokedFunctionArn?.split(":")[4];
  // The resource is the function, under whatever alias it was invoked.
  const functionArn = invokedFunctionArn?.split(":").slice(0, 7).join(":");
  return {
    "faas.invocation.id": awsRequestId,
    "aws.lambda.invoked_arn": invokedFunctionArn,
    "cloud.resource_id": functionArn,
    "cloud.account.id": account,
  };
}
