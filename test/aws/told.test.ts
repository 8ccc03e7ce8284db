/** What a backend is told of commands of the AWS SDK: each thing that could be is a word of its own. */
import { ConverseCommand, BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import {
  DynamoDBClient,
  ExecuteStatementCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import { instrumentAwsClient } from "edgespan/aws";
import { instrumentNodeHttp } from "edgespan/node-http";
import { beforeAll, expect, it } from "vitest";
import { serveAws } from "./backend.ts";
import { traced } from "./invoke.ts";

beforeAll(() => instrumentNodeHttp());

/** A text that can be found again. */
const secret = (what: string): string => `hunter2${what}`;
const bytes = (what: string): Buffer => Buffer.from(secret(what));
const text = (what: string): { S: string } => ({ S: secret(what) });
const ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders";

interface Sends {
  send(command: never): Promise<unknown>;
  readonly middlewareStack: { add(middleware: never, options: never): void };
  readonly config: object;
}

const COMMANDS: [string, new (config: never) => Sends, object, string[]][] = [
  [
    "an item that is put",
    DynamoDBClient,
    new PutItemCommand({
      TableName: secret("table"),
      Item: { card: text("item") },
      ConditionExpression: secret("condition"),
      ExpressionAttributeValues: { ":a": text("value") },
    }),
    ["table"],
  ],
  [
    "a query",
    DynamoDBClient,
    new QueryCommand({
      TableName: "cards",
      KeyConditionExpression: secret("key"),
      FilterExpression: secret("filter"),
      ProjectionExpression: secret("projection"),
      ExpressionAttributeNames: { "#a": secret("name") },
      ExclusiveStartKey: { id: text("start") },
    }),
    ["projection"],
  ],
  [
    "a statement",
    DynamoDBClient,
    new ExecuteStatementCommand({ Statement: secret("statement"), Parameters: [text("value")] }),
    [],
  ],
  [
    "a message",
    SQSClient,
    new SendMessageCommand({
      QueueUrl: `http://127.0.0.1/123456789012/${secret("queue")}`,
      MessageBody: secret("body"),
      MessageGroupId: secret("group"),
      MessageDeduplicationId: secret("deduplication"),
      MessageAttributes: { user: { DataType: "String", StringValue: secret("attribute") } },
    }),
    ["queue"],
  ],
  [
    "a notification",
    SNSClient,
    new PublishCommand({
      PhoneNumber: secret("number"),
      Subject: secret("subject"),
      Message: secret("message"),
    }),
    [],
  ],
  [
    "an event",
    EventBridgeClient,
    new PutEventsCommand({
      Entries: [{ Detail: `{"card":"${secret("detail")}"}`, DetailType: "paid", Source: "shop" }],
    }),
    [],
  ],
  [
    "a record",
    KinesisClient,
    new PutRecordCommand({
      StreamName: secret("stream"),
      PartitionKey: secret("partition"),
      Data: bytes("data"),
    }),
    ["stream"],
  ],
  [
    "a call of a function",
    LambdaClient,
    new InvokeCommand({ FunctionName: secret("function"), Payload: bytes("payload") }),
    ["function"],
  ],
  [
    "an execution",
    SFNClient,
    new StartExecutionCommand({
      stateMachineArn: ARN,
      name: secret("name"),
      input: `{"card":"${secret("input")}"}`,
    }),
    [],
  ],
  [
    "an object",
    S3Client,
    new PutObjectCommand({
      Bucket: "files",
      Key: secret("key"),
      Body: secret("body"),
      Metadata: { user: secret("metadata") },
      Tagging: `user=${secret("tag")}`,
      ContentDisposition: secret("disposition"),
    }),
    ["key"],
  ],
  [
    "a prompt",
    BedrockRuntimeClient,
    new ConverseCommand({
      modelId: secret("model"),
      system: [{ text: secret("system") }],
      messages: [{ role: "user", content: [{ text: secret("prompt") }] }],
      requestMetadata: { user: secret("metadata") },
    }),
    ["model"],
  ],
];

it.each(COMMANDS)("of %s", async (_command, Client, command, told) => {
  const reply = {
    headers: { "x-amz-meta-user": secret("answered") },
    body: JSON.stringify({ Items: [{ card: text("found") }], output: secret("answer") }),
  };
  await using aws = await serveAws(reply);
  // By HTTP/1.1, which the server speaks; some clients speak HTTP/2 of themselves.
  const { requestHandler } = new SQSClient(aws.config).config;
  const config = { ...aws.config, requestHandler, forcePathStyle: true };
  const client = instrumentAwsClient(new Client(config as never));
  const { spans, root } = await traced(() => client.send(command as never).catch(() => 0), {
    instrument: { fetch: true },
  });
  expect(spans.length).toBeGreaterThan(1);
  expect(aws.sent.length).toBeGreaterThan(0);
  const words = JSON.stringify([spans, root]).match(/(?<=hunter2)[a-z]+/g) ?? [];
  expect([...new Set(words)].toSorted()).toEqual(told);
  expect(JSON.stringify(spans)).not.toMatch(/AWS4-HMAC|Credential=id/);
});
