/** What becomes of the recorded events beside it: each file with the root span of its invocation. */
import { PARENT } from "../root-span.ts";

export interface Expected {
  /** Default that of the function. */
  readonly name?: string;
  /** Default `SERVER`. */
  readonly kind?: "SERVER" | "CONSUMER";
  readonly trigger: "pubsub" | "datasource" | "timer" | "http" | "other";
  /** Beside what every invocation tells. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly parent?: typeof PARENT;
  readonly links?: readonly object[];
  readonly events?: readonly object[];
  /** What the handler answers. */
  readonly result?: unknown;
}

const OTHER_SENDER = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const SEGMENT = { traceId: "5759e988bd862e3fe1be46a994272793", spanId: "53995c3f42cd8ad8" };

const link = (to: typeof PARENT, id?: string): object => ({
  ...to,
  attributes: id ? { "messaging.message.id": id } : {},
});

/** A batch of messages. */
function messages(
  system: string,
  destination: string,
  count: number,
  more: Partial<Expected> = {},
): Expected {
  return {
    name: `process ${destination}`,
    kind: "CONSUMER",
    trigger: "pubsub",
    ...more,
    attributes: {
      "messaging.batch.message_count": count,
      "messaging.destination.name": destination,
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.system.name": system,
      ...more.attributes,
    },
  };
}

/** A batch of one, which continues the trace of the message that it holds. */
function continued(
  system: string,
  destination: string,
  id: string | undefined,
  more: object = {},
): Expected {
  return messages(system, destination, 1, {
    parent: PARENT,
    links: [link(PARENT, id)],
    attributes: { ...(id && { "messaging.message.id": id }), ...more },
  });
}

const PUT = {
  "faas.document.collection": "amzn-s3-demo-bucket",
  "faas.document.name": "b21b84d653bb07b05b1e6b33684dc11b",
  "faas.document.operation": "insert",
  "faas.document.time": "2019-09-03T19:37:27.192Z",
};

const MESSAGE = "059f36b4-87a3-44ab-83d2-661975830a7d";
const SECOND = "2e1424d4-f796-459a-8184-9c92662be6da";
const NOTIFICATION = "95df01b4-ee98-5cb9-9903-4c221d41eb5e";
const EVENT = "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa";
const SEQUENCE = "4959033827149025660855969";

const placed: Expected = {
  name: "process OrderPlaced",
  kind: "CONSUMER",
  trigger: "pubsub",
  parent: PARENT,
  attributes: {
    "aws.eventbridge.source": "com.example.shop",
    "messaging.message.id": EVENT,
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.system.name": "aws.eventbridge",
  },
};

const from = (source: string, more: Partial<Expected> = {}): Expected => ({
  trigger: "other",
  ...more,
  attributes: { "aws.lambda.event_source": source, ...more.attributes },
});

const task = from("step_functions", {
  parent: PARENT,
  attributes: {
    "aws.step_functions.execution.arn":
      "arn:aws:states:us-east-1:123456789012:execution:orders:d4a1",
    "aws.step_functions.state.name": "Charge",
    "aws.step_functions.state_machine.arn":
      "arn:aws:states:us-east-1:123456789012:stateMachine:orders",
  },
});

export const EXPECTED: Readonly<Record<string, Expected>> = {
  sqs: continued("aws.sqs", "orders", MESSAGE),
  "sqs-batch": messages("aws.sqs", "orders", 3, {
    links: [link(PARENT, MESSAGE), link(SEGMENT, SECOND)],
    result: { batchItemFailures: [{ itemIdentifier: SECOND }] },
    attributes: { "aws.lambda.batch_item_failures": 1 },
    events: [
      {
        name: "aws.lambda.batch_item_failure",
        attributes: { "messaging.message.id": SECOND },
      },
    ],
  }),
  "sns-in-sqs": continued("aws.sqs", "orders", MESSAGE),
  "event-bridge-in-sqs": continued("aws.sqs", "orders", MESSAGE),
  "s3-in-sqs": messages("aws.sqs", "orders", 1, {
    attributes: { "messaging.message.id": MESSAGE, ...PUT },
  }),
  "s3-in-sns-in-sqs": messages("aws.sqs", "orders", 1, {
    attributes: { "messaging.message.id": MESSAGE, ...PUT },
  }),
  sns: continued("aws.sns", "sns-lambda", NOTIFICATION),
  "s3-in-sns": messages("aws.sns", "sns-lambda", 1, {
    attributes: { "messaging.message.id": NOTIFICATION, ...PUT },
  }),
  "event-bridge": placed,
  "event-bridge-datadog": placed,
  scheduled: {
    trigger: "timer",
    attributes: { "faas.invocation.start_time": "2015-10-08T16:53:06Z" },
  },
  scheduler: {
    trigger: "timer",
    attributes: { "faas.invocation.start_time": "2024-02-14T08:30:00Z" },
  },
  kinesis: messages("aws.kinesis", "lambda-stream", 4, {
    links: [
      link(PARENT, `${SEQUENCE}2538361571095921575989136588898`),
      link(OTHER_SENDER, `${SEQUENCE}2540925702759324208523137515618`),
      link(PARENT, `${SEQUENCE}2543393098132465110487392387090`),
    ],
  }),
  dynamodb: {
    trigger: "datasource",
    attributes: {
      "faas.document.collection": "orders",
      "faas.document.operation": "insert",
      "faas.document.time": "2016-11-18T20:09:00.000Z",
    },
  },
  "dynamodb-batch": { trigger: "datasource", attributes: { "faas.document.collection": "orders" } },
  s3: { trigger: "datasource", attributes: PUT },
  "s3-removed": {
    trigger: "datasource",
    attributes: { ...PUT, "faas.document.operation": "delete" },
  },
  msk: continued("kafka", "mytopic", "mytopic-0@15", {
    "messaging.destination.partition.id": "0",
    "messaging.kafka.offset": 15,
  }),
  "self-managed-kafka": messages("kafka", "mytopic", 3, {
    links: [link(PARENT, "mytopic-0@15"), link(OTHER_SENDER, "mytopic-1@5")],
    result: { batchItemFailures: [{ itemIdentifier: { partition: "mytopic-1", offset: 4 } }] },
    attributes: { "aws.lambda.batch_item_failures": 1 },
    events: [
      {
        name: "aws.lambda.batch_item_failure",
        attributes: { "messaging.message.id": "mytopic-1@4" },
      },
    ],
  }),
  "active-mq": continued(
    "activemq",
    "testQueue",
    "ID:b-9bcfa592-423a-4942-879d-eb284b418fc8-1.mq.us-west-2.amazonaws.com-37557-1234520418293-4:1:1:1:1",
  ),
  "rabbit-mq": continued("rabbitmq", "pizzaQueue", undefined),
  firehose: messages("aws.firehose", "clicks", 2, {
    result: {
      records: [
        { recordId: "record1", result: "Ok" },
        { recordId: "record2", result: "ProcessingFailed" },
      ],
    },
    attributes: { "aws.lambda.batch_item_failures": 1 },
    events: [
      {
        name: "aws.lambda.batch_item_failure",
        attributes: { "messaging.message.id": "record2" },
      },
    ],
  }),
  "cloudwatch-logs": from("cloudwatch_logs"),
  "app-sync": from("appsync", {
    name: "Query.getPost",
    parent: PARENT,
    attributes: { "graphql.operation.type": "query" },
  }),
  "app-sync-batch": from("appsync", { name: "Post.comments", parent: PARENT }),
  "app-sync-authorizer": from("authorizer", { parent: PARENT }),
  "authorizer-token": from("authorizer"),
  "authorizer-request-v1": from("authorizer", { parent: PARENT }),
  "authorizer-request-v2": from("authorizer", { parent: PARENT }),
  "iot-authorizer": from("authorizer", { parent: PARENT }),
  "iot-button": from("iot"),
  "iot-provisioning": from("iot"),
  cognito: from("cognito", { attributes: { "aws.cognito.trigger_source": "PreSignUp_SignUp" } }),
  "lex-v1": from("lex", { attributes: { "aws.lex.bot.name": "OrderFlowersEnhanced" } }),
  "lex-v2": from("lex", { attributes: { "aws.lex.bot.name": "OrderFlowers" } }),
  "step-functions": task,
  "step-functions-datadog": task,
  "web-socket-connect": {
    name: "$connect",
    trigger: "http",
    parent: PARENT,
    result: { statusCode: 403 },
    attributes: {
      "aws.api_gateway.websocket.event_type": "CONNECT",
      "http.response.status_code": 403,
      "server.address": "abcd1234.execute-api.us-east-1.amazonaws.com",
    },
  },
  "web-socket-message": {
    name: "sendMessage",
    trigger: "http",
    attributes: {
      "aws.api_gateway.websocket.event_type": "MESSAGE",
      "server.address": "abcd1234.execute-api.us-east-1.amazonaws.com",
    },
  },
};
