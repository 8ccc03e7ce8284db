/** Workers AI: a span for each run of a model, with the tokens that it took; never what was said. */
import type { Attributes, Span } from "@opentelemetry/api";
import {
  GEN_AI_OPERATION_NAME,
  GEN_AI_PROVIDER_NAME,
  GEN_AI_REQUEST_MAX_TOKENS,
  GEN_AI_REQUEST_MODEL,
  GEN_AI_REQUEST_TEMPERATURE,
  GEN_AI_USAGE_INPUT_TOKENS,
  GEN_AI_USAGE_OUTPUT_TOKENS,
} from "../../../trace/semconv.js";
import type { Outlasting } from "../../../trace/settle.js";
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { tracedUntil } from "./traced-until.js";

interface Inputs {
  readonly messages?: unknown;
  readonly prompt?: unknown;
  readonly max_tokens?: number;
  readonly temperature?: number;
}

/** @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ */
const run: Replacement = tracedUntil(({ binding, args: [model, inputs] }) => {
  const operation = operationOf(String(model), inputs ?? {});
  return {
    name: `${operation} ${String(model)}`,
    attributes: {
      ...bindingAttributes(binding, "AI"),
      [GEN_AI_PROVIDER_NAME]: "cloudflare.workers_ai",
      [GEN_AI_OPERATION_NAME]: operation,
      [GEN_AI_REQUEST_MODEL]: String(model),
      ...requested(inputs ?? {}),
    },
  };
}, outlast);

function requested({ max_tokens, temperature }: Inputs): Attributes {
  return { [GEN_AI_REQUEST_MAX_TOKENS]: max_tokens, [GEN_AI_REQUEST_TEMPERATURE]: temperature };
}

/** What is not among the operations of the conventions keeps the method's own name. */
function operationOf(model: string, { messages, prompt }: Inputs): string {
  if (messages) return "chat";
  if (prompt) return "generate_content";
  return /embed|\/bge-/.test(model) ? "embeddings" : "run";
}

function outlast(result: unknown, span: Span): Outlasting | undefined {
  if (result instanceof ReadableStream && !result.locked) return untilRead(result);
  const { usage } = (result ?? {}) as {
    usage?: { prompt_tokens?: number; completion_tokens?: number };
  };
  span.setAttributes({
    [GEN_AI_USAGE_INPUT_TOKENS]: usage?.prompt_tokens,
    [GEN_AI_USAGE_OUTPUT_TOKENS]: usage?.completion_tokens,
  });
  return undefined;
}

/**
 * Hands each chunk on as it is, when the reader asks for one. Piping through a native stream
 * would keep JavaScript out of it, but workerd pipes not every pair of streams: between two of
 * `IdentityTransformStream` the reader waits for ever.
 */
function untilRead(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Outlasting {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const reader = stream.getReader();
  const value = new ReadableStream({
    type: "bytes",
    async pull(controller) {
      try {
        let next = await reader.read();
        // A stream of bytes refuses an empty chunk.
        while (next.value?.byteLength === 0) next = await reader.read();
        if (!next.done) return controller.enqueue(next.value);
        controller.close();
        controller.byobRequest?.respond(0);
        resolve();
      } catch (error) {
        reject(error);
        throw error;
      }
    },
    // Whoever cancels has what they want: no error.
    cancel(reason) {
      resolve();
      return reader.cancel(reason);
    },
  });
  return { value, done };
}

export const AI: Readonly<Record<string, Replacement>> = { run };
