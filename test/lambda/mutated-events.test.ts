import { createCollector, createFakeLambdaContext } from "edgespan/testing";
import { traceRecord, wrapHandler } from "edgespan/lambda";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { EXPECTED } from "./events/expected.ts";
import { exampleEvent, rootOf } from "./root-span.ts";

const FILES = [
  ...Object.keys(EXPECTED),
  "api-gateway-v1",
  "api-gateway-v2",
  "alb",
  "alb-multi-value",
  "function-url",
];

type Fields = Record<string, unknown>;

const trap = (): never => {
  throw new Error("trap");
};
const trapped = (): object => new Proxy({}, { get: trap, has: trap, ownKeys: trap });

/** What may stand in the place of anything; made anew, as fast-check would fall into the traps. */
const replacement: fc.Arbitrary<() => unknown> = fc.oneof(
  fc.anything({ withBigInt: true, withNullPrototype: true }).map((value) => () => value),
  fc.constantFrom<() => unknown>(
    trapped,
    () => "x".repeat(100_000),
    () => Array.from({ length: 5_000 }, () => null),
    () => Object.assign([], { length: 2 ** 32 - 1 }),
    () => Object.create({ traceparent: "00-1-2-01", Records: [trapped()] }) as object,
    () => ({ toString: trap, valueOf: trap }),
    () => Symbol("no text"),
    () => "constructor",
    () => "__proto__",
  ),
);

type Change = (parent: Fields) => PropertyDescriptor | undefined;

const change: fc.Arbitrary<Change> = fc.oneof(
  replacement.map((make): Change => () => ({ value: make() })),
  fc.constant<Change>(() => ({ get: trap })),
  fc.constant<Change>(() => undefined),
  fc.constant<Change>((parent) => ({ value: parent })),
);

/** An event with each change made; one that would go through the trap of another changes nothing. */
function mutated(file: string, changes: readonly (readonly [readonly number[], Change])[]): Fields {
  const event = exampleEvent(file);
  for (const [at, apply] of changes)
    try {
      mutate(event, at, apply);
    } catch {
      // That trap is enough.
    }
  return event;
}

/** Changes one property of `event`, wherever `steps` lead. */
function mutate(event: unknown, steps: readonly number[], apply: Change): void {
  let parent = event as Fields;
  for (const [depth, step] of steps.entries()) {
    const keys = Object.keys(parent);
    const key = keys[step % keys.length];
    if (key === undefined) return;
    const child = Object.getOwnPropertyDescriptor(parent, key)?.value as unknown;
    const isLast = depth === steps.length - 1;
    if (isLast || typeof child !== "object" || !child) return put(parent, key, apply(parent));
    parent = child as Fields;
  }
}

function put(parent: Fields, key: string, property: PropertyDescriptor | undefined): void {
  delete parent[key];
  if (property)
    Reflect.defineProperty(parent, key, { ...property, configurable: true, enumerable: true });
}

const steps = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 });
const mutations = fc.array(fc.tuple(steps, change), { minLength: 1, maxLength: 4 });

describe("an event that AWS documents, changed anywhere,", () => {
  it("is still traced, and never changes what the handler gets and gives back", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const collector = createCollector();
    let seen: unknown[] = [];
    let result: unknown;
    const handler = wrapHandler(
      async (...args: unknown[]) => {
        seen = args;
        return result;
      },
      {
        exporter: { url: "http://collector/v1/traces", fetch: collector.fetch },
        instrument: { lambda: { stepFunctions: true, xrayParent: true } },
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FILES), mutations, async (file, changes) => {
        const event = mutated(file, changes);
        const context = createFakeLambdaContext();
        result = EXPECTED[file]?.result;
        collector.reset();
        expect((await handler(event, context)) === result).toBe(true);
        expect([seen.length, seen[0] === event, seen[1] === context]).toEqual([2, true, true]);
        expect(collector.spans()).toHaveLength(1);
      }),
      { numRuns: 2_000 },
    );
    expect(warn).not.toHaveBeenCalled();
  });

  it("changes nothing of the work on its records", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    const batches = FILES.filter((file) => "Records" in exampleEvent(file));
    const handler = wrapHandler(
      async (event: Fields, _context: unknown) => traceRecord(firstOf(event), () => "done"),
      { exporter: "none" },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...batches), mutations, async (file, changes) => {
        const event = mutated(file, changes);
        expect(await handler(event, createFakeLambdaContext())).toBe("done");
      }),
      { numRuns: 500 },
    );
  });
});

/** The first record, read as a handler must that does not trust its event. */
function firstOf(event: Fields): object {
  try {
    return (event["Records"] as object[])[0] ?? {};
  } catch {
    return {};
  }
}

describe("a batch that is out of bounds", () => {
  it("puts no array in an attribute, which it would have to copy", async () => {
    const record = { topic: "orders", partition: 0, offset: [1, 2] };
    const event = { eventSource: "aws:kafka", records: { "orders-0": [record] } };
    const { name, attributes } = await rootOf(event);
    expect([name, "messaging.kafka.offset" in attributes]).toEqual(["process orders", false]);
  });

  it("is looked at no further than a span keeps links", async () => {
    let reads = 0;
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const record = {
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-2:123456789012:orders",
      get messageAttributes() {
        reads++;
        return { traceparent: { stringValue: traceparent } };
      },
    };
    const root = await rootOf({ Records: Array.from({ length: 100_000 }, () => record) });
    expect(root).toMatchObject({ attributes: { "messaging.batch.message_count": 100_000 } });
    expect([root.links.length, reads]).toEqual([128, 128]);
  });

  it("tells no more failures than a span keeps events", async () => {
    const failure = { itemIdentifier: "one" };
    const batchItemFailures = Array.from({ length: 10_000 }, () => failure);
    const root = await rootOf(exampleEvent("sqs"), undefined, { batchItemFailures });
    expect(root).toMatchObject({ attributes: { "aws.lambda.batch_item_failures": 10_000 } });
    expect(root.events).toHaveLength(128);
  });
});

describe("what only looks like an event of AWS", () => {
  it.each<[string, object]>([
    ["an object of names alone", { Records: null, requestContext: null, "detail-type": 7 }],
    ["an unknown source", { Records: [{ eventSource: "aws:unknown" }] }],
    ["a source that objects inherit", { Records: [{ eventSource: "constructor" }] }],
    ["a source of the prototype", { eventSource: "__proto__" }],
    ["records that are none", { Records: "aws:sqs" }],
    ["a request without its parts", { httpMethod: "GET", requestContext: { http: {} } }],
    ["a bot without a name", { bot: {}, invocationSource: "DialogCodeHook" }],
    ["logs that are none", { awslogs: { data: {} } }],
    ["an array", [[], {}]],
    ["what is inherited", Object.create({ "detail-type": 1, awslogs: {} }) as object],
  ])("is as any other event: %s", async (_, event) => {
    expect(await rootOf(event)).toMatchObject({
      name: "invoke",
      kind: "SERVER",
      attributes: { "faas.trigger": "other" },
    });
  });
});
