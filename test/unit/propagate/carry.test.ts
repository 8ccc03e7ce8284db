import { ROOT_CONTEXT, context as active, propagation, trace } from "@opentelemetry/api";
import { describe, expect, it, test } from "vitest";
import {
  amqpHeaders,
  kafkaHeaders,
  messageAttributes,
  nodeHeaders,
} from "../../../src/propagate/carriers.ts";
import { extract, inject } from "../../../src/propagate/carry.ts";
import { compositePropagator } from "../../../src/propagate/propagator.ts";
import { BUILT_IN_PROPAGATORS } from "../../../src/propagate/propagator.ts";
import { runInFrame } from "../../../src/trace/active.ts";
import { activeContext } from "../../../src/trace/active.ts";
import { scopeWith } from "../tracing.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const traceparent = `00-${TRACE}-${SPAN}-01`;
const other = "00-11111111111111111111111111111111-2222222222222222-01";

const propagator = compositePropagator(Object.values(BUILT_IN_PROPAGATORS));

/** Runs `work` in an invocation whose active span is that of the ids above. */
function within<R>(work: () => R): R {
  const baggage = propagation.createBaggage({ user: { value: "Zoë" } });
  const parent = { traceId: TRACE, spanId: SPAN, traceFlags: 1 };
  const context = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, parent), baggage);
  return runInFrame({ context, scope: scopeWith({ propagator }) }, work);
}

/** What is active in the context that was carried. */
function carried(carrier: object): unknown {
  return runInFrame({ context: ROOT_CONTEXT, scope: scopeWith({ propagator }) }, () =>
    extract(carrier, () => [
      trace.getSpanContext(activeContext())?.spanId,
      propagation.getBaggage(activeContext())?.getEntry("user")?.value,
    ]),
  );
}

const text = (value: string): unknown => value;
const bytes = (value: string): unknown => Buffer.from(value);
const attribute = (value: string): unknown => ({ DataType: "String", StringValue: value });
const own = Symbol("own");

type Kind = [string, (carrier: object) => object, (value: string) => unknown];
const KINDS: Kind[] = [
  ["a plain object", (record) => record, text],
  ["Node's headers", nodeHeaders, text],
  ["message attributes", messageAttributes, attribute],
  ["AMQP headers", amqpHeaders, text],
  ["Kafka headers", kafkaHeaders, bytes],
];

describe.each(KINDS)("%s", (_, carrierOf, written) => {
  const expected = { traceparent: written(traceparent), baggage: written("user=Zo%C3%AB") };

  it("are given the context, and give it back", () => {
    const record = {};
    within(() => inject(carrierOf(record)));
    expect(record).toEqual(expected);
    expect(carried(carrierOf(record))).toEqual([SPAN, "Zoë"]);
  });

  it("keep what else they hold, and lose what was there of another trace, whatever its case", () => {
    const record = {
      own,
      Traceparent: written(other),
      tracestate: written("a=1"),
      TRACESTATE: written("b=1"),
    };
    within(() => inject(carrierOf(record)));
    expect(record).toEqual({ own, ...expected });
  });

  it("are read whatever the case of their names", () => {
    expect(carried(carrierOf({ TraceParent: written(traceparent) }))).toEqual([SPAN, undefined]);
  });

  it("that hold what is no text carry nothing", () => {
    for (const value of [undefined, null, 1, true, {}, [], [{}], Symbol("s"), () => traceparent])
      expect(carried(carrierOf({ traceparent: value }))).toEqual([undefined, undefined]);
  });
});

it("Headers are given the context and give it back, and are what is answered", () => {
  const headers = new Headers({ tracestate: "a=1", traceparent: other });
  expect(within(() => inject(headers))).toBe(headers);
  expect(Object.fromEntries(headers)).toEqual({ traceparent, baggage: "user=Zo%C3%AB" });
  expect(carried(headers)).toEqual([SPAN, "Zoë"]);
});

describe("what is particular to one kind", () => {
  test.each<[string, object]>([
    [
      "SQS, sent and received by the SDK",
      { traceparent: { DataType: "String", StringValue: traceparent } },
    ],
    ["an event of SQS", { traceparent: { dataType: "String", stringValue: traceparent } }],
    ["an event of SNS", { traceparent: { Type: "String", Value: traceparent } }],
  ])("message attributes are read as %s has them", (_, attributes) => {
    expect(carried(messageAttributes(attributes))).toEqual([SPAN, undefined]);
  });

  it("a message of ten attributes, which is all that SQS takes, gets none more", () => {
    const attributes = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`a${at}`, own]));
    within(() => inject(messageAttributes(attributes)));
    expect(Object.keys(attributes)).toHaveLength(10);
    expect(attributes).toHaveProperty("traceparent");
    within(() => inject(messageAttributes(attributes)));
    expect(Object.keys(attributes)).toHaveLength(10);
  });

  test.each<[string, unknown]>([
    ["text", traceparent],
    ["bytes", new TextEncoder().encode(traceparent)],
    ["a Buffer", Buffer.from(traceparent)],
    ["a list of one", [Buffer.from(traceparent)]],
    ["numbers", [...Buffer.from(traceparent)]],
  ])("Kafka headers are read as %s", (_, value) => {
    expect(carried(kafkaHeaders({ traceparent: value }))).toEqual([SPAN, undefined]);
    expect(carried(kafkaHeaders([{ own }, { traceparent: value }]))).toEqual([SPAN, undefined]);
    expect(carried(amqpHeaders({ traceparent: value }))).toEqual([SPAN, undefined]);
  });

  it("a list of Kafka headers is added to, and loses what was there of another trace", () => {
    const list = [{ own }, { traceparent: bytes(other), kept: own }, { tracestate: bytes("a=1") }];
    within(() => inject(kafkaHeaders(list)));
    expect(Object.assign({}, ...list)).toEqual({
      own,
      kept: own,
      traceparent: bytes(traceparent),
      baggage: bytes("user=Zo%C3%AB"),
    });
    expect(carried(kafkaHeaders(list))).toEqual([SPAN, "Zoë"]);
  });

  it("a list of Kafka headers keeps no object without a header, which clients would send as one", () => {
    const list = [{ traceparent: bytes(other) }, { own }, { tracestate: bytes("a=1") }];
    within(() => inject(kafkaHeaders(list)));
    expect(list.map((one) => Object.keys(one))).toEqual([["own"], ["traceparent"], ["baggage"]]);
  });

  it("a list of Kafka headers may be longer than a call can have arguments", () => {
    const list: object[] = Array.from({ length: 300_000 }, () => ({ own }));
    list.push({ traceparent: bytes(traceparent) });
    expect(carried(kafkaHeaders(list))).toEqual([SPAN, undefined]);
  });

  it("a traceparent that comes twice is none", () => {
    expect(carried(nodeHeaders({ traceparent: [traceparent, other] }))).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("neither is a risk", () => {
  it("outside of any invocation nothing is written, and the work runs as it is", () => {
    expect(inject({ own })).toEqual({ own });
    expect(extract({ traceparent }, () => active.active())).toBe(ROOT_CONTEXT);
  });

  it("a carrier that cannot be written to or read is left alone", () => {
    const frozen = Object.freeze({ own });
    expect(within(() => inject(frozen))).toBe(frozen);
    const hostile = new Proxy(
      {},
      { ownKeys: () => raise(), getOwnPropertyDescriptor: () => raise() },
    );
    expect(within(() => inject(hostile))).toBe(hostile);
    expect(within(() => extract(hostile, () => "ran"))).toBe("ran");
  });

  it("a carrier that says it has deleted what it keeps is not asked again and again", () => {
    let asked = 0;
    const deleteProperty = (): boolean => ++asked < 100 || raise();
    const lying = new Proxy({ traceparent: other }, { deleteProperty });
    expect(within(() => inject(lying))).toBe(lying);
    expect(asked).toBeLessThan(10);
  });

  it("a carrier without a prototype is as good as any", () => {
    const record = Object.create(null) as object;
    within(() => inject(record));
    expect(carried(record)).toEqual([SPAN, "Zoë"]);
  });

  it("what the work returns or throws is returned or thrown unchanged", async () => {
    const answer = Promise.resolve(own);
    expect(within(() => extract({ traceparent: other }, () => answer))).toBe(answer);
    const error = new Error("mine");
    expect(() => within(() => extract({ traceparent: other }, () => raise(error)))).toThrow(error);
  });
});

function raise(error = new Error("hostile")): never {
  throw error;
}
