import { describe, expect, test } from "vitest";
import { httpRoot } from "../../../../../src/platform/lambda/triggers/http-event.ts";

function placeOf(host: string): unknown {
  const line = { method: "GET", path: "/", query: undefined, protocol: undefined };
  const { attributes } = httpRoot(line, { headers: { Host: host } });
  return [attributes["server.address"], attributes["server.port"]];
}

describe("the host of an HTTP event", () => {
  test.each([
    ["shop.example", ["shop.example", undefined]],
    ["shop.example:80", ["shop.example", 80]],
    ["10.0.0.1:3000", ["10.0.0.1", 3000]],
    ["[::1]", ["[::1]", undefined]],
    ["[2001:db8::7]:8080", ["[2001:db8::7]", 8080]],
    ["shop.example:", ["shop.example:", undefined]],
    ["shop.example:http", ["shop.example:http", undefined]],
  ])("%s is split", (host, expected) => {
    expect(placeOf(host)).toEqual(expected);
  });
});
