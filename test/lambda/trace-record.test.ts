import { type TextMapPropagator, trace } from "@opentelemetry/api";
import { span } from "edgespan";
import { createCollector, createFakeLambdaContext } from "edgespan/testing";
import { traceRecord, wrapHandler } from "edgespan/lambda";
import { describe, expect, it } from "vitest";
import { PARENT, exampleEvent } from "./root-span.ts";

type Handler = (event: Event) => Promise<unknown>;
interface Event {
  Records: { messageId: string }[];
  records?: object;
}

/** What the handler answered, and the spans by name in the order of their end. */
async function traced(event: unknown, handler: Handler, options: object = {}) {
  const collector = createCollector();
  const exporter = { url: "http://collector/v1/traces", fetch: collector.fetch };
  const wrapper = wrapHandler(handler, { exporter, ...options });
  const answer: unknown = await Reflect.apply(wrapper, undefined, [
    event,
    createFakeLambdaContext(),
  ]);
  const spans = collector.spans();
  const root = spans.find(
    ({ parentSpanId, attributes }) => !parentSpanId || "faas.trigger" in attributes,
  );
  return { answer, root, records: spans.filter((one) => one !== root), spans };
}

const UNSET = { code: "UNSET", message: undefined };
const SEGMENT = { traceId: "5759e988bd862e3fe1be46a994272793", spanId: "53995c3f42cd8ad8" };

function linksTo(sender: typeof PARENT | undefined, id: string | undefined): object[] {
  return sender ? [{ ...sender, attributes: { "messaging.message.id": id } }] : [];
}

describe("traceRecord", () => {
  it("makes a child span for each record, which links to its sender", async () => {
    const { root, records } = await traced(exampleEvent("sqs-batch"), async ({ Records }) => {
      for (const record of Records) await traceRecord(record, async () => undefined);
    });
    const each = {
      name: "process orders",
      kind: "CONSUMER",
      traceId: root?.traceId,
      parentSpanId: root?.spanId,
      status: UNSET,
    };
    const attributes = {
      "messaging.destination.name": "orders",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.system.name": "aws.sqs",
    };
    const ids = (exampleEvent("sqs-batch")["Records"] as Event["Records"]).map(
      ({ messageId }) => messageId,
    );
    const senders = [PARENT, SEGMENT, undefined];
    expect(records).toMatchObject(
      ids.map((id, index) => ({
        ...each,
        attributes: { ...attributes, "messaging.message.id": id },
        links: linksTo(senders[index], id),
      })),
    );
    expect(records[0]?.attributes).toEqual({ ...attributes, "messaging.message.id": ids[0] });
  });

  it("tells what the source tells of a record", async () => {
    const told = async (file: string): Promise<unknown> => {
      const { records } = await traced(exampleEvent(file), async (event) => {
        const [record] = Object.values(event.Records ?? event.records ?? {}).flat();
        return traceRecord(record as object, () => 1);
      });
      return records.map(({ name, attributes }) => [name, attributes]);
    };
    expect(await told("msk")).toEqual([
      [
        "process mytopic",
        {
          "messaging.destination.name": "mytopic",
          "messaging.destination.partition.id": "0",
          "messaging.kafka.offset": 15,
          "messaging.message.id": "mytopic-0@15",
          "messaging.operation.name": "process",
          "messaging.operation.type": "process",
          "messaging.system.name": "kafka",
        },
      ],
    ]);
    expect(await told("dynamodb-batch")).toEqual([
      [
        "process orders",
        {
          "faas.document.collection": "orders",
          "faas.document.operation": "insert",
          "faas.document.time": "2016-11-18T20:09:00.000Z",
        },
      ],
    ]);
  });

  it("marks the records that batchItemFailures names, and no others", async () => {
    const event = exampleEvent("sqs-batch");
    const { root, records, answer } = await traced(event, async ({ Records }) => {
      await Promise.all(Records.map((record) => traceRecord(record, async () => undefined)));
      return { batchItemFailures: [{ itemIdentifier: Records[1]?.messageId }] };
    });
    expect(answer).toEqual({
      batchItemFailures: [{ itemIdentifier: "2e1424d4-f796-459a-8184-9c92662be6da" }],
    });
    expect(records.map(({ status, attributes }) => [status, attributes["error.type"]])).toEqual([
      [UNSET, undefined],
      [{ code: "ERROR", message: undefined }, "aws.lambda.batch_item_failure"],
      [UNSET, undefined],
    ]);
    expect(root).toMatchObject({
      status: UNSET,
      attributes: { "aws.lambda.batch_item_failures": 1 },
    });
  });

  it("marks the records of streams, whose failures are named by sequence number", async () => {
    for (const file of ["kinesis", "dynamodb-batch"]) {
      const { records } = await traced(exampleEvent(file), async ({ Records }) => {
        for (const record of Records) traceRecord(record, () => undefined);
        const { kinesis, dynamodb } = Records[1] as { kinesis?: object; dynamodb?: object };
        const numbers = { ...kinesis, ...dynamodb } as Record<string, string>;
        const itemIdentifier = numbers["sequenceNumber"] ?? numbers["SequenceNumber"];
        return { batchItemFailures: [{ itemIdentifier }] };
      });
      expect(records.map(({ status }) => status.code).slice(0, 3)).toEqual([
        "UNSET",
        "ERROR",
        "UNSET",
      ]);
    }
  });

  it("marks the records of Kafka, whose failures are named by partition and offset", async () => {
    type Kafka = { records: Record<string, { partition: number; offset: number }[]> };
    const failures = [
      { partition: "mytopic-1", offset: 5 },
      { partition: "mytopic-0", offset: 5 },
      { offset: 15 },
      "mytopic-0@15",
      null,
    ].map((itemIdentifier) => ({ itemIdentifier }));
    const { root, records } = await traced(exampleEvent("self-managed-kafka"), async (event) => {
      for (const record of Object.values((event as unknown as Kafka).records).flat())
        traceRecord(record, () => undefined);
      return { batchItemFailures: [...failures, null] };
    });
    expect(
      records.map(({ attributes, status }) => [attributes["messaging.message.id"], status.code]),
    ).toEqual([
      ["mytopic-0@15", "UNSET"],
      ["mytopic-1@4", "UNSET"],
      ["mytopic-1@5", "ERROR"],
    ]);
    expect(root?.attributes["aws.lambda.batch_item_failures"]).toBe(6);
    expect(root?.events.map(({ attributes }) => attributes["messaging.message.id"])).toEqual([
      "mytopic-1@5",
      "mytopic-0@5",
    ]);
  });

  it("keeps what a record's own error says where it is named too", async () => {
    const { records } = await traced(exampleEvent("sqs-batch"), async ({ Records: [first] }) => {
      const fail = async (): Promise<never> => {
        throw new RangeError("too far");
      };
      await traceRecord(first as object, fail).catch(() => undefined);
      return { batchItemFailures: [{ itemIdentifier: first?.messageId }] };
    });
    expect(records).toMatchObject([
      {
        status: { code: "ERROR", message: "too far" },
        attributes: { "error.type": "RangeError" },
      },
    ]);
  });

  it("returns and throws what the work does, at once or later", async () => {
    const value = {};
    const error = new Error("refused");
    const fail = (): never => {
      throw error;
    };
    const caught: unknown[] = [];
    await traced(exampleEvent("sqs-batch"), async ({ Records: [record = { messageId: "" }] }) => {
      caught.push(traceRecord(record, () => value));
      caught.push(await traceRecord(record, async () => value));
      for (const work of [fail, async () => fail()])
        await (async () => traceRecord(record, work))().catch((thrown: unknown) =>
          caught.push(thrown),
        );
    });
    expect(caught).toHaveLength(4);
    for (const [index, expected] of [value, value, error, error].entries())
      expect(caught[index]).toBe(expected);
  });

  it("has the span active in the work", async () => {
    const { records } = await traced(exampleEvent("sqs"), async ({ Records: [record] }) =>
      traceRecord(record as object, () => span("within", async () => undefined)),
    );
    expect(records).toMatchObject([
      { name: "process orders" },
      { name: "within", parentSpanId: records[0]?.spanId },
    ]);
  });

  it("runs the work also where there is nothing to tell, and for what is no record", async () => {
    expect(traceRecord({}, () => "outside")).toBe("outside");
    const trap = (): never => {
      throw new Error("trap");
    };
    const hostile = [null, "text", new Proxy({}, { get: trap, has: trap, ownKeys: trap })];
    for (const file of ["sqs", "s3", "cloudwatch-logs", "msk", "rabbit-mq", "firehose"])
      for (const record of hostile) {
        const { answer } = await traced(exampleEvent(file), async () =>
          traceRecord(record as object, () => "done"),
        );
        expect(answer).toBe("done");
      }
  });

  it("reads what other propagators wrote into message attributes", async () => {
    const propagator: TextMapPropagator = {
      inject: () => undefined,
      extract(context, carrier, getter) {
        const [traceId = "", spanId = ""] = String(getter.get(carrier, "x-shop")).split(":");
        return trace.setSpanContext(context, { traceId, spanId, traceFlags: 1, isRemote: true });
      },
      fields: () => ["x-shop"],
    };
    const event = exampleEvent("sqs") as { Records: object[] };
    const stringValue = `${PARENT.traceId}:${PARENT.spanId}`;
    Object.assign(event.Records[0] ?? {}, { messageAttributes: { "x-shop": { stringValue } } });
    const { root, records } = await traced(
      event,
      async ({ Records: [record] }) => traceRecord(record as object, () => 1),
      { propagators: [propagator] },
    );
    expect(root).toMatchObject({ traceId: PARENT.traceId, parentSpanId: PARENT.spanId });
    expect(records).toMatchObject([{ links: [PARENT] }]);
  });

  it("records nothing where the batch is not sampled", async () => {
    const event = exampleEvent("sqs-batch");
    const never = { shouldSample: () => ({ decision: 0 }) };
    const { answer, spans } = await traced(
      event,
      async ({ Records: [record] }) => traceRecord(record as object, () => "done"),
      { sampling: { head: never } },
    );
    expect([answer, spans]).toEqual(["done", []]);
  });

  it("refuses what is no function, naming the fix", () => {
    expect(() => traceRecord({}, undefined as never)).toThrow(/needs a function as its last/);
  });
});
