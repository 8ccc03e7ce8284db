/**
 * Clients of the AWS SDK v3, on their public middleware stack: a CLIENT span for each command,
 * with all its retries in it, and the context in what the service hands on to a receiver. The
 * middleware runs before a request is made of the input, so that nothing of it is signed.
 */
import type { Attributes, Span, TextMapSetter } from "@opentelemetry/api";
import { type TextCarrier, injectContext } from "../../propagate/inject.js";
import { activeContext, activeFrame } from "../../trace/active.js";
import { KIND_CLIENT } from "../../trace/enums.js";
import { quietly } from "../../trace/quietly.js";
import {
  AWS_REQUEST_ID,
  CLOUD_REGION,
  HTTP_REQUEST_RESEND_COUNT,
  HTTP_RESPONSE_STATUS_CODE,
  RPC_METHOD,
  RPC_SYSTEM_NAME,
} from "../../trace/semconv.js";
import type { Outlasting } from "../../trace/settle.js";
import { runSpan } from "../../trace/span.js";
import type { Tracing } from "../../trace/tracing.js";
import { endOf } from "./event-stream.js";
import type { AwsCall, AwsService, Fields, Shape } from "./service.js";
import { SERVICES } from "./services.js";

/** What is used of a client of the AWS SDK v3, whichever service it is of. */
export interface AwsClient {
  readonly middlewareStack: { add(middleware: never, options: never): void };
  readonly config: object;
}

export interface AwsClientOptions {
  /**
   * Whether context is also written where the receiver reads its payload: a `traceparent` beside
   * the other members of an EventBridge detail, of a Kinesis record that is a JSON object and of
   * a Step Functions input. Message attributes (SQS, SNS) and Lambda's client context carry it
   * in any case. Default `false`.
   */
  readonly payloads?: boolean;
}

interface Middleware {
  (next: Next, context: MiddlewareContext): Next;
}

type Next = (args: Args) => Promise<Result>;

interface Args {
  readonly input: Shape;
}

interface Result {
  readonly output: Shape;
}

interface MiddlewareContext {
  readonly commandName?: string;
}

interface ClientConfig {
  readonly serviceId?: string;
  readonly region?: () => Promise<string>;
}

/** Under this name the stack holds the middleware once. */
const NAME = "edgespan";

/**
 * Instruments a client of the AWS SDK v3: inside of an instrumented invocation each command is
 * a CLIENT span; where the answer is a stream of events (Bedrock), the span lasts until it was
 * read or left. A second call replaces the options.
 *
 * @param client e.g. `new SQSClient()`; it is changed and returned
 * @throws TypeError for what has no middleware stack, such as a client of the SDK v2
 */
export function instrumentAwsClient<Client extends AwsClient>(
  client: Client,
  { payloads = false }: AwsClientOptions = {},
): Client {
  if (typeof client?.middlewareStack?.add !== "function")
    throw new TypeError("instrumentAwsClient(client) needs a client of the AWS SDK v3");
  const config = client.config as ClientConfig;
  const service = config.serviceId ?? "AWS";
  const known = SERVICES[service] ?? {};

  const middleware: Middleware = (next, { commandName = "" }) => {
    const operation = commandName.replace(/Command$/, "");
    return (args) => {
      const tracing = activeFrame()?.scope?.tracing;
      if (!tracing) return next(args);
      const call: AwsCall = { service, operation, input: args.input, payloads };
      const told = quietly(() => known.span?.(call));
      const attributes: Attributes = {
        [RPC_SYSTEM_NAME]: "aws-api",
        [RPC_METHOD]: `${service}/${operation}`,
        ...told?.attributes,
      };
      const name = told?.name ?? `${service}.${operation}`;
      const { kind = KIND_CLIENT } = told ?? {};
      const outlast = (value: Result, span: Span): Outlasting | undefined => {
        const tellEvent = (event: Shape): void =>
          void span.setAttributes(known.event?.(event) ?? {});
        const done = endOf(known.stream?.(value.output), tellEvent);
        return done && { value, done };
      };
      return runSpan(name, { kind, attributes, outlast }, async (span) => {
        try {
          const result = await next({ ...args, input: carrying(tracing, known, call) });
          await tell(span, config, result.output);
          quietly(() => span.setAttributes(known.result?.(call, result.output) ?? {}));
          return result;
        } catch (error) {
          await tell(span, config, error);
          throw error;
        }
      });
    };
  };
  client.middlewareStack.add(
    middleware as never,
    { step: "initialize", priority: "high", name: NAME, override: true } as never,
  );
  return client;
}

const setter: TextMapSetter<Fields> = {
  set(fields, name, value) {
    fields[name] = value;
  },
};

/** The input as it was given, or a copy of it that carries the active context. */
function carrying({ propagator }: Tracing, service: AwsService, call: AwsCall): Shape {
  if (!service.carry) return call.input;
  const carried = quietly(() => {
    const fields: Fields = {};
    propagator.inject(activeContext(), fields, setter);
    const inject = (carrier: TextCarrier): void =>
      injectContext(propagator, activeContext(), carrier);
    return Object.keys(fields).length > 0 ? service.carry?.(call, fields, inject) : undefined;
  });
  return carried ?? call.input;
}

interface Metadata {
  readonly requestId?: string;
  readonly extendedRequestId?: string;
  readonly httpStatusCode?: number;
  readonly attempts?: number;
}

/** Tells what an answer and an error have alike, and the region, which is resolved by now. */
async function tell(span: Span, { region }: ClientConfig, answer: unknown): Promise<void> {
  if (!span.isRecording()) return;
  try {
    const { $metadata = {} } = (answer ?? {}) as { $metadata?: Metadata };
    const { requestId, extendedRequestId, httpStatusCode, attempts = 1 } = $metadata;
    span.setAttributes({
      [AWS_REQUEST_ID]: requestId,
      "aws.extended_request_id": extendedRequestId,
      [HTTP_RESPONSE_STATUS_CODE]: httpStatusCode,
      [HTTP_REQUEST_RESEND_COUNT]: attempts - 1 || undefined,
      [CLOUD_REGION]: await region?.(),
    });
  } catch {
    // A client without a region has said so by its own error.
  }
}
