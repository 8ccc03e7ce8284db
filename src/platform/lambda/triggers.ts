/** What invoked a function, recognised by the shape of its event. */
import { quietly } from "../../trace/quietly.js";
import { activeMq } from "./triggers/active-mq.js";
import { alb } from "./triggers/alb.js";
import { apiGatewayV1 } from "./triggers/api-gateway-v1.js";
import { apiGatewayV2 } from "./triggers/api-gateway-v2.js";
import { appSync } from "./triggers/app-sync.js";
import { authorizer } from "./triggers/authorizer.js";
import { batchOf } from "./triggers/batch.js";
import { cloudWatchLogs } from "./triggers/cloudwatch-logs.js";
import { cognito } from "./triggers/cognito.js";
import { dynamodb } from "./triggers/dynamodb.js";
import { eventBridge } from "./triggers/event-bridge.js";
import { firehose } from "./triggers/firehose.js";
import { iot } from "./triggers/iot.js";
import { kafka } from "./triggers/kafka.js";
import { kinesis } from "./triggers/kinesis.js";
import type { LambdaTrigger, Recognised } from "./triggers/lambda-trigger.js";
import { lex } from "./triggers/lex.js";
import { other } from "./triggers/other.js";
import type { AnySource } from "./triggers/record-source.js";
import { rabbitMq } from "./triggers/rabbit-mq.js";
import { s3 } from "./triggers/s3.js";
import { sns } from "./triggers/sns.js";
import { sqs } from "./triggers/sqs.js";
import { stepFunctions } from "./triggers/step-functions.js";
import { webSocket } from "./triggers/web-socket.js";

/** First match first. */
const TRIGGERS = [
  authorizer,
  apiGatewayV2,
  alb,
  apiGatewayV1,
  webSocket,
  eventBridge,
  appSync,
  cognito,
  cloudWatchLogs,
  lex,
  iot,
  stepFunctions,
] as readonly LambdaTrigger<unknown>[];

/** By what the event, or its first record, says of its source. */
const SOURCES: Readonly<Record<string, AnySource>> = {
  "aws:sqs": sqs,
  "aws:sns": sns,
  "aws:kinesis": kinesis,
  "aws:dynamodb": dynamodb,
  "aws:s3": s3,
  "aws:kafka": kafka,
  SelfManagedKafka: kafka,
  "aws:mq": activeMq,
  "aws:rmq": rabbitMq,
};

interface Batch {
  readonly eventSource?: string;
  readonly Records?: readonly { readonly eventSource?: string; readonly EventSource?: string }[];
  readonly deliveryStreamArn?: string;
}

/**
 * The trigger of an event; an event of unknown or hostile shape gets the default.
 *
 * @param isTask whether it may be a task of Step Functions, which are recognised on request only
 */
export function triggerOf(event: unknown, isTask: boolean): Recognised {
  return quietly(() => (event ? recognised(event, isTask) : undefined)) ?? other;
}

function recognised(event: Batch, isTask: boolean): Recognised | undefined {
  const [first] = event.Records ?? [];
  const name = event.eventSource ?? first?.eventSource ?? first?.EventSource ?? "";
  if (Object.hasOwn(SOURCES, name)) return batchOf(SOURCES[name] as AnySource, event);
  if (event.deliveryStreamArn) return batchOf(firehose, event);
  return TRIGGERS.find((it) => it.matches(event) && (isTask || it !== stepFunctions));
}
