/** The services that more is told of than the call's name, by the ids that the SDK gives them. */
import { BEDROCK } from "./bedrock.js";
import { DYNAMODB } from "./dynamodb.js";
import { EVENT_BRIDGE, KINESIS, STEP_FUNCTIONS } from "./events.js";
import { LAMBDA } from "./functions.js";
import { SNS, SQS } from "./messages.js";
import { S3, SECRETS_MANAGER } from "./resources.js";
import type { AwsService } from "./service.js";

export const SERVICES: Readonly<Record<string, AwsService>> = {
  "Bedrock Runtime": BEDROCK,
  DynamoDB: DYNAMODB,
  EventBridge: EVENT_BRIDGE,
  Kinesis: KINESIS,
  Lambda: LAMBDA,
  S3,
  SFN: STEP_FUNCTIONS,
  SNS,
  SQS,
  "Secrets Manager": SECRETS_MANAGER,
};
