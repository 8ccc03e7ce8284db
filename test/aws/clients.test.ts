/** Clients of the AWS SDK v3, the real ones, against a server on this machine. */
import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SQSClient, SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { createHash } from "node:crypto";
import { instrumentAwsClient } from "edgespan/aws";
import type { CollectedSpan } from "edgespan/testing";
import { describe, expect, it, test } from "vitest";
import { type Backend, type Reply, serveAws } from "./backend.ts";
import { type Outcome, traced } from "./invoke.ts";

/** The one span of the one call of `work`, with what was sent. */
async function callOf(
  reply: Reply,
  work: (config: Backend["config"]) => Promise<unknown>,
): Promise<{ span: CollectedSpan; sent: Backend["sent"]; traceparent: string; outcome: Outcome }> {
  await using aws = await serveAws(reply);
  const outcome = await traced(() => work(aws.config));
  const [span, ...others] = outcome.spans;
  if (!span || others.length > 0) throw new Error(`${outcome.spans.length} spans for one call`);
  expect([span.parentSpanId, outcome.error]).toEqual([outcome.root.spanId, undefined]);
  return {
    span,
    sent: aws.sent,
    traceparent: `00-${span.traceId}-${span.spanId}-03`,
    outcome,
  };
}

const API = { "rpc.system.name": "aws-api", "cloud.region": "eu-west-1" };
const ANSWERED = { "aws.request_id": "request-1", "http.response.status_code": 200 };
const json = (body: object): Reply => ({ body: JSON.stringify(body) });
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const bodyOf = ([request]: Backend["sent"]): unknown => JSON.parse(String(request?.body));

describe("SQS", () => {
  const QueueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
  const told = {
    ...API,
    ...ANSWERED,
    "messaging.system.name": "aws.sqs",
    "messaging.destination.name": "orders",
    "messaging.operation.type": "send",
    "aws.sqs.queue.url": QueueUrl,
  };

  it("has a PRODUCER span a message, which carries the context in its attributes", async () => {
    const { span, sent, traceparent } = await callOf(
      json({ MessageId: "m-1", MD5OfMessageBody: md5("hidden") }),
      (config) =>
        instrumentAwsClient(new SQSClient(config)).send(
          new SendMessageCommand({
            QueueUrl,
            MessageBody: "hidden",
            MessageAttributes: { tenant: { DataType: "String", StringValue: "a" } },
          }),
        ),
    );
    expect(span).toMatchObject({ name: "SQS.SendMessage", kind: "PRODUCER" });
    expect(span.attributes).toEqual({
      ...told,
      "rpc.method": "SQS/SendMessage",
      "messaging.operation.name": "SendMessage",
      "messaging.message.id": "m-1",
    });
    expect(bodyOf(sent)).toMatchObject({
      MessageBody: "hidden",
      MessageAttributes: {
        tenant: { DataType: "String", StringValue: "a" },
        traceparent: { DataType: "String", StringValue: traceparent },
      },
    });
  });

  it("carries it in each message of a batch that has room for one attribute more", async () => {
    const full = Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [`a${n}`, { DataType: "String", StringValue: "x" }]),
    );
    const { span, sent, traceparent } = await callOf(
      json({ Successful: [], Failed: [] }),
      (config) =>
        instrumentAwsClient(new SQSClient(config)).send(
          new SendMessageBatchCommand({
            QueueUrl,
            Entries: [
              { Id: "1", MessageBody: "one" },
              { Id: "2", MessageBody: "two", MessageAttributes: full },
            ],
          }),
        ),
    );
    expect(span.attributes).toMatchObject({ ...told, "messaging.batch.message_count": 2 });
    const { Entries } = bodyOf(sent) as { Entries: { MessageAttributes: object }[] };
    expect(Entries.map(({ MessageAttributes }) => MessageAttributes)).toEqual([
      { traceparent: { DataType: "String", StringValue: traceparent } },
      full,
    ]);
  });
});

describe("a message of SQS", () => {
  const QueueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
  const text = (StringValue: string): object => ({ DataType: "String", StringValue });
  const sentWith = async (MessageAttributes: object, MessageBody = "hidden") => {
    const reply = json({ MessageId: "m-1", MD5OfMessageBody: md5(MessageBody) });
    const input = { QueueUrl, MessageBody, MessageAttributes: MessageAttributes as never };
    const { sent, traceparent } = await callOf(reply, (config) =>
      instrumentAwsClient(new SQSClient(config)).send(new SendMessageCommand(input)),
    );
    const { MessageAttributes: attributes } = bodyOf(sent) as { MessageAttributes: object };
    return { attributes, traceparent };
  };

  it("that is forwarded with its attributes carries the span that forwards it", async () => {
    const { attributes, traceparent } = await sentWith({
      Traceparent: text("00-11111111111111111111111111111111-2222222222222222-01"),
      tracestate: text("a=1"),
      tenant: text("a"),
    });
    expect(attributes).toEqual({ tenant: text("a"), traceparent: text(traceparent) });
  });

  it("that has no room for the context, and would then be refused, is sent as it is", async () => {
    const own = { tenant: { DataType: "Binary", BinaryValue: new Uint8Array(10) } };
    const room = 1_048_576 - Buffer.byteLength("étenantBinary") - 10;
    const needed = Buffer.byteLength("traceparentString") + 55;
    const sent = async (length: number): Promise<string[]> =>
      Object.keys((await sentWith(own, `é${"x".repeat(length)}`)).attributes);
    expect(await sent(room - needed)).toEqual(["tenant", "traceparent"]);
    expect(await sent(room - needed + 1)).toEqual(["tenant"]);
  });
});

test("SNS publishes with the context in the attributes, and tells no telephone number", async () => {
  const reply = {
    headers: { "content-type": "text/xml" },
    body: "<PublishResponse><PublishResult><MessageId>m-2</MessageId></PublishResult></PublishResponse>",
  };
  const { span, sent, traceparent } = await callOf(reply, (config) =>
    instrumentAwsClient(new SNSClient(config)).send(
      new PublishCommand({ PhoneNumber: "+15550100", Message: "hidden" }),
    ),
  );
  expect(span).toMatchObject({
    name: "SNS.Publish",
    kind: "PRODUCER",
    attributes: { ...API, "messaging.system.name": "aws.sns", "messaging.message.id": "m-2" },
  });
  expect(JSON.stringify(span)).not.toMatch(/15550100|hidden/);
  expect(
    new URLSearchParams(String(sent[0]?.body)).get("MessageAttributes.entry.1.Value.StringValue"),
  ).toBe(traceparent);
});

describe("DynamoDB", () => {
  const db = { ...API, ...ANSWERED, "db.system.name": "aws.dynamodb" };

  it("has a CLIENT span with the table and never a key or an item", async () => {
    const { span, outcome } = await callOf(json({ Item: { id: { S: "hidden" } } }), (config) =>
      instrumentAwsClient(new DynamoDBClient(config)).send(
        new GetItemCommand({
          TableName: "carts",
          Key: { id: { S: "hidden" } },
          ConsistentRead: true,
        }),
      ),
    );
    expect(outcome.value).toMatchObject({ Item: { id: { S: "hidden" } } });
    expect(span).toMatchObject({
      name: "DynamoDB.GetItem",
      kind: "CLIENT",
      status: { code: "UNSET" },
    });
    expect(span.attributes).toEqual({
      ...db,
      "rpc.method": "DynamoDB/GetItem",
      "db.operation.name": "GetItem",
      "db.collection.name": "carts",
      "aws.dynamodb.table_names": ["carts"],
      "aws.dynamodb.consistent_read": true,
    });
  });

  it("tells how a table is read and what it cost", async () => {
    const capacity = { TableName: "carts", CapacityUnits: 5 };
    const { span } = await callOf(
      json({ Count: 2, ScannedCount: 9, ConsumedCapacity: capacity }),
      (config) =>
        instrumentAwsClient(new DynamoDBClient(config)).send(
          new QueryCommand({
            TableName: "carts",
            IndexName: "byUser",
            Limit: 9,
            ScanIndexForward: false,
            KeyConditionExpression: "u = :u",
            ExpressionAttributeValues: { ":u": { S: "hidden" } },
          }),
        ),
    );
    expect(span.attributes).toMatchObject({
      "aws.dynamodb.index_name": "byUser",
      "aws.dynamodb.limit": 9,
      "aws.dynamodb.scan_forward": false,
      "aws.dynamodb.count": 2,
      "aws.dynamodb.scanned_count": 9,
      "aws.dynamodb.consumed_capacity": [JSON.stringify(capacity)],
    });
    expect(JSON.stringify(span)).not.toContain("hidden");
  });

  it("tells all tables of a batch, and how many keys it asks for", async () => {
    const { span } = await callOf(json({ Responses: {} }), (config) =>
      instrumentAwsClient(new DynamoDBClient(config)).send(
        new BatchGetItemCommand({
          RequestItems: {
            carts: { Keys: [{ id: { S: "1" } }, { id: { S: "2" } }] },
            users: { Keys: [{ id: { S: "3" } }] },
          },
        }),
      ),
    );
    expect(span.attributes).toMatchObject({
      "aws.dynamodb.table_names": ["carts", "users"],
      "db.operation.batch.size": 3,
    });
    expect(span.attributes["db.collection.name"]).toBeUndefined();
  });
});

test("S3 has a span with bucket and key, and its body stays the stream that it was", async () => {
  const reply = { headers: { "x-amz-request-id": "s3-1", "x-amz-id-2": "long" }, body: "contents" };
  const { span, outcome } = await callOf(reply, async (config) => {
    const client = instrumentAwsClient(new S3Client({ ...config, forcePathStyle: true }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket: "files", Key: "a/b.txt" }));
    return Body?.transformToString();
  });
  expect(outcome.value).toBe("contents");
  expect(span).toMatchObject({
    name: "S3.GetObject",
    attributes: { ...API, "aws.s3.bucket": "files", "aws.s3.key": "a/b.txt" },
  });
});

test("Lambda is invoked with the context in the client context, beside what was there", async () => {
  const given = { client: { installation_id: "1" }, custom: { tenant: "a" } };
  const { span, sent, traceparent } = await callOf({ body: "1" }, (config) =>
    instrumentAwsClient(new LambdaClient(config)).send(
      new InvokeCommand({
        FunctionName: "arn:aws:lambda:eu-west-1:123456789012:function:prices:live",
        ClientContext: Buffer.from(JSON.stringify(given)).toString("base64"),
      }),
    ),
  );
  expect(span).toMatchObject({
    name: "Lambda.Invoke",
    attributes: {
      ...API,
      "faas.invoked_name": "prices",
      "faas.invoked_provider": "aws",
      "faas.invoked_region": "eu-west-1",
    },
  });
  const header = sent[0]?.headers["x-amz-client-context"] ?? "";
  expect(JSON.parse(Buffer.from(header, "base64").toString())).toEqual({
    ...given,
    custom: { traceparent, tenant: "a" },
  });
});

test("Lambda is invoked with as much of the context as its header has room for", async () => {
  const event = {
    version: "2.0",
    rawPath: "/",
    requestContext: { http: { method: "GET" } },
    headers: { baggage: `user=${"x".repeat(3_000)}` },
  };
  await using aws = await serveAws({ body: "1" });
  const invoke = () =>
    instrumentAwsClient(new LambdaClient(aws.config)).send(
      new InvokeCommand({ FunctionName: "f" }),
    );
  const { spans } = await traced(invoke, { event });
  const header = aws.sent[0]?.headers["x-amz-client-context"] ?? "";
  expect(JSON.parse(Buffer.from(header, "base64").toString())).toEqual({
    Custom: { traceparent: `00-${spans[0]?.traceId}-${spans[0]?.spanId}-03` },
  });
});

test("Bedrock tells the model and its tokens, and never what was said", async () => {
  const answer = {
    output: { message: { role: "assistant", content: [{ text: "hidden" }] } },
    stopReason: "end_turn",
    usage: { inputTokens: 3, outputTokens: 7, totalTokens: 10 },
    metrics: { latencyMs: 1 },
  };
  const { span } = await callOf(json(answer), (config) =>
    // By HTTP/1.1, which the server speaks; its own client speaks HTTP/2.
    instrumentAwsClient(
      new BedrockRuntimeClient({
        ...config,
        requestHandler: new SQSClient(config).config.requestHandler,
      }),
    ).send(
      new ConverseCommand({
        modelId: "anthropic.claude",
        messages: [{ role: "user", content: [{ text: "hidden" }] }],
        inferenceConfig: { maxTokens: 100, temperature: 0.5 },
      }),
    ),
  );
  expect(span).toMatchObject({
    name: "chat anthropic.claude",
    kind: "CLIENT",
    attributes: {
      ...API,
      "gen_ai.provider.name": "aws.bedrock",
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "anthropic.claude",
      "gen_ai.request.max_tokens": 100,
      "gen_ai.request.temperature": 0.5,
      "gen_ai.usage.input_tokens": 3,
      "gen_ai.usage.output_tokens": 7,
      "gen_ai.response.finish_reasons": ["end_turn"],
    },
  });
  expect(JSON.stringify(span)).not.toContain("hidden");
});

describe("a payload", () => {
  const detail = JSON.stringify({ order: 1 });
  const put = (config: Backend["config"], payloads: boolean): Promise<unknown> =>
    instrumentAwsClient(new EventBridgeClient(config), { payloads }).send(
      new PutEventsCommand({
        Entries: [
          { Source: "shop", DetailType: "order", Detail: detail },
          { Source: "shop", DetailType: "order", Detail: "no json" },
        ],
      }),
    );
  const detailsOf = (sent: Backend["sent"]): unknown[] =>
    (bodyOf(sent) as { Entries: { Detail: string }[] }).Entries.map(({ Detail }) => Detail);

  it("is sent as it was written, unless it is asked to carry context", async () => {
    const { sent } = await callOf(json({ Entries: [] }), (config) => put(config, false));
    expect(detailsOf(sent)).toEqual([detail, "no json"]);
  });

  it("carries it in the details of EventBridge that are JSON objects", async () => {
    await using aws = await serveAws(json({ Entries: [] }));
    const { spans, error } = await traced(() => put(aws.config, true));
    expect(error).toBeUndefined();
    const [span] = spans;
    expect(detailsOf(aws.sent)).toEqual([
      JSON.stringify({ traceparent: `00-${span?.traceId}-${span?.spanId}-03`, order: 1 }),
      "no json",
    ]);
  });

  it("carries it in the input of an execution, also where there is none", async () => {
    for (const input of [undefined, JSON.stringify({ order: 1 })]) {
      const { span, sent, traceparent } = await callOf(
        json({ executionArn: "arn", startDate: 1 }),
        (config) =>
          instrumentAwsClient(new SFNClient(config), { payloads: true }).send(
            new StartExecutionCommand({ stateMachineArn: "arn:aws:states:::ship", input }),
          ),
      );
      expect(span.attributes["aws.step_functions.state_machine.arn"]).toBe("arn:aws:states:::ship");
      const sentInput = (bodyOf(sent) as { input: string }).input;
      expect(JSON.parse(sentInput)).toEqual({ traceparent, ...(input && { order: 1 }) });
    }
  });

  it("that has no room for it, and would then be refused, is sent as it is", async () => {
    const added = `"traceparent":"${"x".repeat(55)}",`.length;
    const ofSize = (bytes: number): string => JSON.stringify({ a: "x".repeat(bytes - 8) });
    const answer = { Entries: [], executionArn: "arn", startDate: 1 };
    const sentWith = async (send: (config: Backend["config"]) => Promise<unknown>) => {
      const { sent } = await callOf(json(answer), send);
      return String(sent[0]?.body).includes("traceparent");
    };
    const start = (input: string) => (config: Backend["config"]) =>
      instrumentAwsClient(new SFNClient(config), { payloads: true }).send(
        new StartExecutionCommand({ stateMachineArn: "arn:aws:states:::ship", input }),
      );
    const putTwo = (Detail: string) => (config: Backend["config"]) =>
      instrumentAwsClient(new EventBridgeClient(config), { payloads: true }).send(
        new PutEventsCommand({
          Entries: [
            { Source: "s", DetailType: "t", Detail: detail, Resources: ["r"], Time: new Date(0) },
            { Source: "s", DetailType: "t", Detail },
          ],
        }),
      );
    expect(await sentWith(start(ofSize(262_144 - added)))).toBe(true);
    expect(await sentWith(start(ofSize(262_145 - added)))).toBe(false);
    const rest = 262_144 - 2 * added - detail.length - "ststr".length - 14;
    expect(await sentWith(putTwo(ofSize(rest - 1)))).toBe(true);
    expect(await sentWith(putTwo(ofSize(rest)))).toBe(false);
  });

  it("carries it in the records of Kinesis that are JSON objects, and leaves other bytes", async () => {
    const records = [Buffer.from(detail), Buffer.from([0xff, 0xfe]), Buffer.from("{ no json")];
    await using aws = await serveAws({
      headers: { "content-type": "application/x-amz-json-1.1" },
      body: JSON.stringify({ FailedRecordCount: 0, Records: [] }),
    });
    const sentBytes: Uint8Array[] = [];
    const { spans } = await traced(async () => {
      const client = new KinesisClient(aws.config);
      // Seen where the SDK serializes it, whichever protocol it speaks.
      client.middlewareStack.add(
        (next) => (args) => {
          for (const { Data } of (args.input as { Records: { Data: Uint8Array }[] }).Records)
            sentBytes.push(Data);
          return next(args);
        },
        { step: "serialize", priority: "low" },
      );
      await instrumentAwsClient(client, { payloads: true }).send(
        new PutRecordsCommand({
          StreamName: "clicks",
          Records: records.map((Data) => ({ Data, PartitionKey: "p" })),
        }),
      );
    });
    const [span] = spans;
    expect(span?.attributes["aws.kinesis.stream_name"]).toBe("clicks");
    expect(String(Buffer.from(sentBytes[0] ?? []))).toBe(
      JSON.stringify({ traceparent: `00-${span?.traceId}-${span?.spanId}-03`, order: 1 }),
    );
    expect(sentBytes.slice(1)).toEqual(records.slice(1));
  });
});

describe("a call", () => {
  const get = new GetItemCommand({ TableName: "carts", Key: { id: { S: "1" } } });

  it("that was retried is one span, which says how often", async () => {
    await using aws = await serveAws({ status: 500 }, { status: 500 }, {});
    const { spans, error } = await traced(() =>
      instrumentAwsClient(new DynamoDBClient(aws.config)).send(get),
    );
    expect([error, aws.sent.length]).toEqual([undefined, 3]);
    expect(spans).toMatchObject([
      { attributes: { "http.request.resend_count": 2, "aws.request_id": "request-3" } },
    ]);
  });

  it("that fails throws the SDK's own error, and says so on the span", async () => {
    const failing = {
      status: 400,
      body: JSON.stringify({ __type: "ResourceNotFoundException", message: "none" }),
    };
    await using aws = await serveAws(failing);
    const run = (client: DynamoDBClient): Promise<unknown> => client.send(get);
    const bare = await run(new DynamoDBClient(aws.config)).catch((error: unknown) => error);
    const { spans, error } = await traced(() =>
      run(instrumentAwsClient(new DynamoDBClient(aws.config))),
    );
    expect([String(error), Object.getPrototypeOf(error)]).toEqual([
      String(bare),
      Object.getPrototypeOf(bare),
    ]);
    expect(spans).toMatchObject([
      {
        status: { code: "ERROR", message: "none" },
        attributes: {
          "error.type": "ResourceNotFoundException",
          "http.response.status_code": 400,
          "aws.request_id": "request-2",
        },
      },
    ]);
  });

  it("is sent and answered as without edgespan, and its command is left as it was", async () => {
    await using aws = await serveAws(json({ MessageId: "m", MD5OfMessageBody: md5("b") }));
    const command = new SendMessageCommand({ QueueUrl: "https://sqs/1/orders", MessageBody: "b" });
    const bare = await new SQSClient(aws.config).send(command);
    const client = instrumentAwsClient(new SQSClient(aws.config));
    const outside = await client.send(command);
    const { value } = await traced(() => client.send(command));
    for (const answer of [outside, value])
      expect({ ...(answer as object), $metadata: 0 }).toEqual({ ...bare, $metadata: 0 });
    expect(command.input).toEqual({ QueueUrl: "https://sqs/1/orders", MessageBody: "b" });
    expect(aws.sent[1]?.body).toEqual(aws.sent[0]?.body);
    expect(aws.sent[2]?.headers.authorization).toMatch(/SignedHeaders=[^,]*,/);
    expect(aws.sent[2]?.headers.authorization).not.toContain("traceparent");
  });

  it("is one span however often its client was instrumented", async () => {
    await using aws = await serveAws({});
    const client = new DynamoDBClient(aws.config);
    const { spans } = await traced(() =>
      instrumentAwsClient(instrumentAwsClient(client)).send(get),
    );
    expect(spans).toHaveLength(1);
  });
});

test("what is no client of the SDK v3 is an error that says so", () => {
  expect(() => instrumentAwsClient({} as never)).toThrow(
    "instrumentAwsClient(client) needs a client of the AWS SDK v3",
  );
});
