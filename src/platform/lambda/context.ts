/** What Lambda's context object tells of an invocation. */
import type { Attributes } from "@opentelemetry/api";
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

/** The time that is left of an invocation, where its context tells it. */
export function remainingMsOf(context: LambdaContext): number | undefined {
  const ms: unknown = quietly(() => context?.getRemainingTimeInMillis?.());
  return Number.isFinite(ms) ? (ms as number) : undefined;
}

/** @see https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/ */
export function contextAttributes(context: LambdaContext): Attributes {
  const { awsRequestId, invokedFunctionArn } = context ?? {};
  // arn:aws:lambda:<region>:<account>:function:<name>:<alias>
  const arn = invokedFunctionArn?.split(":");
  return {
    "faas.invocation.id": awsRequestId,
    "aws.lambda.invoked_arn": invokedFunctionArn,
    // The function, under whatever alias it was invoked.
    "cloud.resource_id": arn?.slice(0, 7).join(":"),
    "cloud.account.id": arn?.[4],
  };
}
