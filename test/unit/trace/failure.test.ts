import { type Span, SpanStatusCode, ROOT_CONTEXT } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { describe, expect, it, test } from "vitest";
import { recordFailure } from "../../../src/trace/failure.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { scopeWith } from "../tracing.ts";

function newSpan(): Span & ReadableSpan {
  return startSpan(scopeWith(), OWN, "work", {}, ROOT_CONTEXT) as Span & ReadableSpan;
}

function failureOf(thrown: unknown): unknown {
  const span = newSpan();
  recordFailure(span, thrown);
  const { attributes, status, events } = span;
  return { attributes, status, events: events.map(({ name, attributes: own }) => ({ name, own })) };
}

const ERROR = SpanStatusCode.ERROR;

test.each<[string, unknown, string, string]>([
  ["a string", "no", "string", "no"],
  ["a number", 7, "number", "7"],
  ["a bigint", 7n, "bigint", "7"],
  ["null", null, "object", "null"],
  ["undefined", undefined, "undefined", "undefined"],
  ["a symbol", Symbol("s"), "symbol", "Symbol(s)"],
  ["an object with a message", { message: "no" }, "object", "no"],
  ["an object", {}, "object", "[object Object]"],
])("%s that is thrown is told as text", (_, thrown, type, message) => {
  expect(failureOf(thrown)).toEqual({
    attributes: { "error.type": type },
    status: { code: ERROR, message },
    events: [{ name: "exception", own: { "exception.message": message } }],
  });
});

describe("an error that is thrown", () => {
  test.each<[string, Error, string, string]>([
    ["is told by its class", new TypeError("no"), "TypeError", "TypeError"],
    ["is told by its own name", named("NotFound"), "NotFound", "NotFound"],
    ["is told by its code", coded("ECONNRESET"), "Error", "ECONNRESET"],
  ])("%s", (_, error, type, exceptionType) => {
    expect(failureOf(error)).toEqual({
      attributes: { "error.type": type },
      status: { code: ERROR, message: "no" },
      events: [
        {
          name: "exception",
          own: {
            "exception.type": exceptionType,
            "exception.message": "no",
            "exception.stacktrace": error.stack,
          },
        },
      ],
    });
  });

  it("without a name is told as Error", () => {
    expect(failureOf(named(""))).toMatchObject({ attributes: { "error.type": "Error" } });
  });

  it("without a stack, or with a cause that points back, is told all the same", () => {
    const error: Error & { cause?: unknown } = new Error("no");
    error.cause = error;
    delete error.stack;
    expect(failureOf(error)).toEqual({
      attributes: { "error.type": "Error" },
      status: { code: ERROR, message: "no" },
      events: [
        {
          name: "exception",
          own: { "exception.type": "Error", "exception.message": "no" },
        },
      ],
    });
  });
});

function named(name: string): Error {
  return Object.assign(new Error("no"), { name });
}

function coded(code: string): Error {
  return Object.assign(new Error("no"), { code });
}

describe("a hostile value that is thrown marks the span as failed and throws nothing itself", () => {
  const raise = (): never => {
    throw new Error("a trap");
  };
  const traps: ProxyHandler<object> = {
    get: raise,
    has: raise,
    ownKeys: raise,
    getPrototypeOf: raise,
    getOwnPropertyDescriptor: raise,
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  test.each<[string, () => unknown]>([
    ["an object without prototype", () => Object.create(null)],
    ["a proxy whose traps throw", () => new Proxy({}, traps)],
    ["a proxy of an error whose traps throw", () => new Proxy(new Error("no"), { get: raise })],
    ["a revoked proxy", () => proxy],
    ["an object that cannot become text", () => ({ toString: raise })],
    [
      "an error with a throwing message",
      () => Object.defineProperty(new Error(), "message", { get: raise }),
    ],
    [
      "an error with a throwing name",
      () => Object.defineProperty(new Error("no"), "name", { get: raise }),
    ],
    [
      "an error with a throwing stack",
      () => Object.defineProperty(new Error("no"), "stack", { get: raise }),
    ],
  ])("%s", (_, hostile) => {
    const span = newSpan();
    recordFailure(span, hostile());
    expect(span.status.code).toBe(ERROR);
    expect(span.attributes["error.type"]).toMatch(/^(_OTHER|Error)$/);
  });
});
