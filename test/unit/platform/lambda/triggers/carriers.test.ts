import { expect, it } from "vitest";
import { headersOf } from "../../../../../src/platform/lambda/triggers/http-event.ts";
import { carrierOf } from "../../../../../src/platform/lambda/triggers/carriers.ts";

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

it("of headers that an event tells as null, none is found", () => {
  expect(headersOf({ headers: null, multiValueHeaders: null }).get("host")).toBeUndefined();
});
