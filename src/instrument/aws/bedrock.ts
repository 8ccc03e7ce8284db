/** Bedrock: which model was asked and how many tokens it took; never what was said. */
import {
  GEN_AI_OPERATION_NAME,
  GEN_AI_PROVIDER_NAME,
  GEN_AI_REQUEST_MAX_TOKENS,
  GEN_AI_REQUEST_MODEL,
  GEN_AI_REQUEST_TEMPERATURE,
  GEN_AI_USAGE_INPUT_TOKENS,
  GEN_AI_USAGE_OUTPUT_TOKENS,
} from "../../trace/semconv.js";
import type { AwsService, Shape } from "./service.js";

/** @see https://opentelemetry.io/docs/specs/semconv/gen-ai/aws-bedrock/ */
export const BEDROCK: AwsService = {
  span({ operation, input }) {
    const kind = operation.startsWith("Converse") ? "chat" : "generate_content";
    const { maxTokens, temperature, topP } = (input.inferenceConfig ?? {}) as Shape;
    const model = input.modelId as string | undefined;
    return {
      ...(model && { name: `${kind} ${model}` }),
      attributes: {
        [GEN_AI_PROVIDER_NAME]: "aws.bedrock",
        [GEN_AI_OPERATION_NAME]: kind,
        [GEN_AI_REQUEST_MODEL]: model,
        [GEN_AI_REQUEST_MAX_TOKENS]: maxTokens,
        [GEN_AI_REQUEST_TEMPERATURE]: temperature,
        "gen_ai.request.top_p": topP,
        "aws.bedrock.guardrail.id":
          input.guardrailIdentifier ??
          (input.guardrailConfig as Shape | undefined)?.guardrailIdentifier,
      },
    };
  },
  result(_call, { usage, stopReason }) {
    const { inputTokens, outputTokens } = (usage ?? {}) as Shape;
    return {
      [GEN_AI_USAGE_INPUT_TOKENS]: inputTokens,
      [GEN_AI_USAGE_OUTPUT_TOKENS]: outputTokens,
      "gen_ai.response.finish_reasons": stopReason ? [stopReason as string] : undefined,
    };
  },
};
