import { propagation } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { headersOf } from "../../../../../src/platform/lambda/triggers/http-event.ts";
import { carrierOf, textOfBytes } from "../../../../../src/platform/lambda/triggers/carriers.ts";
import { baggagePropagator } from "../../../../../src/propagate/baggage.ts";
import { extractContext } from "../../../../../src/propagate/extract.ts";

it("a name is found whatever its case, and all names are told in lower case", () => {
  const carrier = carrierOf({ TraceParent: "a", tracestate: "b" });
  expect(carrier?.get("traceparent")).toBe("a");
  expect(carrier?.get("TraceState")).toBe("b");
  expect([...(carrier?.keys() ?? [])]).toEqual(["traceparent", "tracestate"]);
});

it("what is no string counts as missing, and another spelling of its name is read", () => {
  expect(carrierOf({ traceparent: 1, Traceparent: "a" })?.get("traceparent")).toBe("a");
  expect(carrierOf({ traceparent: null })?.get("traceparent")).toBeUndefined();
});

it.each([undefined, null, 5, "traceparent"])("%s carries nothing", (fields) => {
  expect(carrierOf(fields)).toBeUndefined();
});

it("headers that an event tells as lists are joined with a comma, beside those that it does not", () => {
  const headers = headersOf({
    headers: { Host: "shop.example", "X-Tag": "b" },
    multiValueHeaders: { "X-Tag": ["a", "b"] },
  });
  expect(headers.get("x-tag")).toBe("a,b");
  expect(headers.get("host")).toBe("shop.example");
});

it("of a header that is bytes as much is read as tells that it is too long, and no part of a member", () => {
  const baggage = Array.from({ length: 100 }, (_, at) => `k${at}=${"v".repeat(90)}`).join(",");
  const carrier = carrierOf({ baggage: [...Buffer.from(baggage)] }, textOfBytes);
  const entries = propagation
    .getBaggage(extractContext(baggagePropagator, carrier))
    ?.getAllEntries()
    .map(([, { value }]) => value);
  expect(new Set(entries)).toEqual(new Set(["v".repeat(90)]));
});

it("of headers that an event tells as null, none is found", () => {
  expect(headersOf({ headers: null, multiValueHeaders: null }).get("host")).toBeUndefined();
});
