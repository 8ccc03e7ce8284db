/** Bedrock: which model was asked and how many tokens it took; never what was said. */
import type { Attributes } from "@opentelemetry/api";
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
  result: (_call, output) => told(output),
  stream: ({ stream, body }) => stream ?? body,
  event: ({ messageStop, metadata, chunk }) => told(messageStop ?? metadata ?? metricsIn(chunk)),
};

/** What an answer, or an event of a stream, tells of the whole; each event tells a part. */
function told(answer: unknown): Attributes {
  const { usage, stopReason } = (answer ?? {}) as Answer;
  const attributes: Attributes = {};
  if (usage) {
    attributes[GEN_AI_USAGE_INPUT_TOKENS] = usage.inputTokens;
    attributes[GEN_AI_USAGE_OUTPUT_TOKENS] = usage.outputTokens;
  }
  if (stopReason) attributes["gen_ai.response.finish_reasons"] = [stopReason];
  return attributes;
}

interface Answer {
  readonly usage?: { readonly inputTokens?: number; readonly outputTokens?: number };
  readonly stopReason?: string;
}

/** Of the chunks of a model's own format Bedrock adds to the last what is the same for all models. */
const METRICS = "amazon-bedrock-invocationMetrics";

function metricsIn(chunk: unknown): Answer | undefined {
  const { bytes } = (chunk ?? {}) as { bytes?: Uint8Array };
  const text = new TextDecoder().decode(bytes);
  if (!text.includes(METRICS)) return undefined;
  const { [METRICS]: metrics } = JSON.parse(text) as Record<string, Record<string, number>>;
  const { inputTokenCount, outputTokenCount } = metrics ?? {};
  return { usage: { inputTokens: inputTokenCount, outputTokens: outputTokenCount } } as Answer;
}
