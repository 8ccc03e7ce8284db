/** Which fields of the events that AWS documents are told to a backend: a secret is put into one after the other. */
import { readdirSync } from "node:fs";
import { type LambdaOptions, createCollector, createFakeLambdaContext } from "edgespan/testing";
import { traceRecord, wrapHandler } from "edgespan/lambda";
import { describe, expect, it } from "vitest";
import { exampleEvent } from "./root-span.ts";

const SECRET = "hunter2";

const MESSAGE = [".Records[].eventSourceARN", ".Records[].messageId"];
const NOTIFICATION = [".Records[].Sns.MessageId", ".Records[].Sns.TopicArn"];
const object = (at: string): string[] =>
  ["eventTime", "s3.bucket.name", "s3.object.key"].map((field) => `${at}.Records[].${field}`);
const BUS = [".detail-type", ".id", ".source"];
const SCHEDULE = [".detail-type", ".time"];
const RESOLVER = ["fieldName", "parentTypeName"];
const EXECUTION = ["Execution.Id", "State.Name", "StateMachine.Id"];
const SOCKET = ["domainName", "eventType", "routeKey"].map((name) => `.requestContext.${name}`);
const FORWARDED = ["host", "user-agent", "x-forwarded-proto"];
const listed = (names: readonly string[]): string[] =>
  names.map((name) => `.multiValueHeaders.${name}[]`);
const NOTHING: string[] = [];

/** Texts that are told; `{}` stands for JSON in a text, `[]` for any item of a list. */
const TOLD: Record<string, readonly string[]> = {
  "active-mq": [".messages[].destination.physicalName", ".messages[].messageID"],
  "alb-multi-value": [
    ".httpMethod",
    ...listed(FORWARDED),
    ".multiValueQueryStringParameters.myKey[]",
    ".path",
  ],
  alb: [
    ...FORWARDED.map((name) => `.headers.${name}`),
    ".httpMethod",
    ".path",
    ".queryStringParameters.query",
  ],
  "api-gateway-proxy": [
    ".httpMethod",
    ...listed(["Host", "User-Agent", "X-Forwarded-Proto"]),
    ".multiValueQueryStringParameters.foo[]",
    ".path",
    ".requestContext.protocol",
  ],
  "api-gateway-v1": [
    ".httpMethod",
    ...listed(["User-Agent", "X-Forwarded-Proto"]),
    ".multiValueQueryStringParameters.parameter1[]",
    ".multiValueQueryStringParameters.parameter2[]",
    ".path",
    ".requestContext.domainName",
    ".requestContext.protocol",
    ".resource",
  ],
  "api-gateway-v2": [
    ".rawPath",
    ".rawQueryString",
    ".requestContext.domainName",
    ".requestContext.http.method",
    ".requestContext.http.protocol",
    ".requestContext.http.userAgent",
    ".routeKey",
  ],
  "app-sync-authorizer": NOTHING,
  "app-sync-batch": RESOLVER.map((name) => `[].info.${name}`),
  "app-sync": RESOLVER.map((name) => `.info.${name}`),
  "authorizer-request-v1": NOTHING,
  "authorizer-request-v2": NOTHING,
  "authorizer-token": NOTHING,
  "cloudwatch-logs": NOTHING,
  cognito: [".triggerSource"],
  "dynamodb-batch": NOTHING,
  dynamodb: NOTHING,
  "event-bridge-datadog": BUS,
  "event-bridge-in-sqs": MESSAGE,
  "event-bridge": BUS,
  firehose: [".deliveryStreamArn"],
  "function-url": [
    ...FORWARDED.map((name) => `.headers.${name}`),
    ".rawPath",
    ".rawQueryString",
    ".requestContext.http.method",
    ".requestContext.http.protocol",
  ],
  "iot-authorizer": NOTHING,
  "iot-button": NOTHING,
  "iot-provisioning": NOTHING,
  kinesis: [".Records[].eventSourceARN", ".Records[].kinesis.sequenceNumber"],
  "lex-v1": [".bot.name"],
  "lex-v2": [".bot.name"],
  msk: [".records.mytopic-0[].topic"],
  "rabbit-mq": NOTHING,
  "s3-in-sns-in-sqs": [...object(".Records[].body{}.Message{}"), ...MESSAGE],
  "s3-in-sns": [...NOTIFICATION, ...object(".Records[].Sns.Message{}")],
  "s3-in-sqs": [...object(".Records[].body{}"), ...MESSAGE],
  "s3-removed": object(""),
  s3: object(""),
  scheduled: SCHEDULE,
  scheduler: SCHEDULE,
  "self-managed-kafka": [".records.mytopic-0[].topic", ".records.mytopic-1[].topic"],
  "sns-in-sqs": MESSAGE,
  sns: NOTIFICATION,
  "sqs-batch": MESSAGE,
  sqs: MESSAGE,
  "step-functions-datadog": EXECUTION.map((name) => `._datadog.${name}`),
  "step-functions": EXECUTION.map((name) => `.${name}`),
  "web-socket-connect": SOCKET,
  "web-socket-message": SOCKET,
};

type Change = (text: string) => string;

/** Each text of a value, also in JSON that a text holds, and what makes a copy with another text there. */
function* textsOf(
  value: unknown,
  path: string,
): Generator<[path: string, withChange: (change: Change) => unknown]> {
  const held = typeof value === "string" ? objectIn(value) : value;
  if (typeof held === "object" && held)
    for (const [key, item] of Object.entries(held)) {
      const step = Array.isArray(held) ? "[]" : `.${key}`;
      for (const [inner, make] of textsOf(item, path + (held === value ? "" : "{}") + step))
        yield [
          inner,
          (change) => {
            const copy: unknown = Array.isArray(held)
              ? held.with(Number(key), make(change))
              : { ...held, [key]: make(change) };
            return held === value ? copy : JSON.stringify(copy);
          },
        ];
    }
  if (typeof value === "string") yield [path, (change) => change(value)];
}

function objectIn(text: string): unknown {
  return /^[[{]\s*["{\]}]/.test(text) ? (JSON.parse(text) as unknown) : undefined;
}

/** A whole secret, and one at either end of what is expected there. */
const CHANGES: Change[] = [() => SECRET, (text) => text + SECRET, (text) => SECRET + text];

const collector = createCollector();
let result: unknown;
const handler = wrapHandler(
  async (event: { Records?: object[] }, _context: unknown) => {
    for (const record of event.Records ?? []) traceRecord(record, () => undefined);
    return result;
  },
  {
    exporter: { url: "http://collector/v1/traces", fetch: collector.fetch },
    instrument: { lambda: { stepFunctions: true } },
  },
);

async function tells(event: unknown, more: Partial<LambdaOptions> | object = {}): Promise<boolean> {
  collector.reset();
  await handler(event as object, { ...createFakeLambdaContext(), ...more });
  expect(collector.spans().length).toBeGreaterThan(0);
  return JSON.stringify(collector.spans()).includes(SECRET);
}

const FILES = readdirSync(`${import.meta.dirname}/events`)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.replace(".json", ""));

describe("of an event", () => {
  it.each(FILES)("of %s nothing is told but what the list says", async (file) => {
    const told = new Set<string>();
    for (const [path, withChange] of textsOf(exampleEvent(file), ""))
      for (const change of CHANGES) if (await tells(withChange(change))) told.add(path);
    expect([...told].toSorted()).toEqual(TOLD[file]?.toSorted());
  });

  it.each(FILES)("of %s a result tells nothing", async (file) => {
    result = { statusCode: 200, statusDescription: SECRET, body: SECRET, cookies: [SECRET] };
    Object.assign(result as object, { headers: { "set-cookie": SECRET, location: SECRET } });
    expect(await tells(exampleEvent(file))).toBe(false);
    result = undefined;
  });
});

it("nothing is told of what a direct call carries beside its event", async () => {
  const clientContext = { custom: { user: SECRET }, client: { installation_id: SECRET } };
  const identity = { cognitoIdentityId: SECRET };
  expect(await tells({ user: SECRET }, { clientContext, identity })).toBe(false);
});
