import { describe, expect, it, test } from "vitest";
import { resultOfStatus } from "../../../src/send/send.ts";

describe("resultOfStatus (OTLP/HTTP, section Failures)", () => {
  test.each([200, 202, 204, 299])("%i is delivered", (status) => {
    expect(resultOfStatus(status)).toEqual({ status: "delivered" });
  });

  test.each([429, 502, 503, 504])("%i may be tried again", (status) => {
    expect(resultOfStatus(status)).toEqual({
      status: "retryable",
      reason: `HTTP status ${status}`,
    });
  });

  test.each([0, 100, 199, 300, 302, 400, 401, 403, 404, 408, 413, 428, 430, 500, 501, 505])(
    "%i is rejected for good",
    (status) => {
      expect(resultOfStatus(status)).toEqual({
        status: "rejected",
        reason: `HTTP status ${status}`,
      });
    },
  );

  it("leaves no other status of a server to be retried", () => {
    const all = Array.from({ length: 500 }, (_, index) => 100 + index);
    const retried = all.filter((status) => resultOfStatus(status).status === "retryable");
    expect(retried).toEqual([429, 502, 503, 504]);
  });
});
