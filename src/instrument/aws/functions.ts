/** Lambda: the function that is invoked gets the context in its client context. */
import { CLOUD_REGION } from "../../trace/semconv.js";
import type { AwsService, Shape } from "./service.js";

/** The most that the header may hold. */
const MAX_BASE64_BYTES = 3583;

/** A name, or a whole or partial ARN with a qualifier or without. */
const FUNCTION = /^(?:arn:[^:]+:lambda:([^:]+):)?(?:\d+:)?(?:function:)?([^:]+)/;

/** @see https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/#outgoing-invocations */
export const LAMBDA: AwsService = {
  span({ operation, input }) {
    const { FunctionName, UUID } = input;
    const [, region, name] =
      (typeof FunctionName === "string" && FUNCTION.exec(FunctionName)) || [];
    return {
      attributes: {
        ...(operation.startsWith("Invoke") && {
          "faas.invoked_name": name,
          "faas.invoked_provider": "aws",
          "faas.invoked_region": region,
        }),
        ...(region && { [CLOUD_REGION]: region }),
        "aws.lambda.resource_mapping.id": UUID,
      },
    };
  },
  carry({ operation, input }, fields) {
    if (operation !== "Invoke" && operation !== "InvokeWithResponseStream") return undefined;
    const given = input.ClientContext;
    const context = (
      typeof given === "string" ? JSON.parse(Buffer.from(given, "base64").toString()) : {}
    ) as Shape;
    // Runtimes differ in how they write the name of the member; one that is there is kept.
    const member = "custom" in context ? "custom" : "Custom";
    // As many of the fields as there is room for; `traceparent` comes first and alone suffices.
    for (let kept = Object.entries(fields); kept.length > 0; kept = kept.slice(0, -1)) {
      const custom = { ...Object.fromEntries(kept), ...(context[member] as Shape | undefined) };
      const ClientContext = toBase64({ ...context, [member]: custom });
      if (ClientContext.length <= MAX_BASE64_BYTES) return { ...input, ClientContext };
    }
    return undefined;
  },
};

function toBase64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}
