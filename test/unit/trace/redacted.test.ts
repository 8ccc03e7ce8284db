import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { redactQuery, redactedHref } from "../../../src/instrument/url.ts";

/** The keys that the semantic conventions 1.45 name for `url.full` and `url.query`. */
const SECRETS = [
  "X-Amz-Signature",
  "X-Amz-Credential",
  "X-Amz-Security-Token",
  "AWSAccessKeyId",
  "Signature",
  "sig",
  "X-Goog-Signature",
];

describe("redactQuery", () => {
  test.each(SECRETS)("redacts the value of %s wherever it stands, and keeps its key", (key) => {
    expect(
      [`${key}=hunter2`, `a=1&${key}=hunter2&b=2`, `${key}=`, `${key}=a=b&${key}=c`].map(
        redactQuery,
      ),
    ).toEqual([
      `${key}=REDACTED`,
      `a=1&${key}=REDACTED&b=2`,
      `${key}=REDACTED`,
      `${key}=REDACTED&${key}=REDACTED`,
    ]);
  });

  test.each(["", "a=1", "design=x", "sigma=1", "a=sig", "sig", "a=1&xsig=2", "?sig2=1"])(
    "leaves %j as it is",
    (query) => {
      expect(redactQuery(query)).toBe(query);
    },
  );

  it("never shows a secret, whatever stands around it", () => {
    const other = fc.webQueryParameters();
    fc.assert(
      fc.property(other, fc.constantFrom(...SECRETS), other, (before, key, after) => {
        const redacted = redactQuery(`${before}&${key}=hunter2&${after}`);
        expect(redacted).not.toContain("hunter2");
        expect(redacted).toContain(`&${key}=REDACTED&`);
      }),
    );
  });
});

test.each([
  ["https://host/a?b=1", "https://host/a?b=1"],
  ["https://host:8443/a", "https://host:8443/a"],
  ["https://host/a#fragment", "https://host/a"],
  ["https://me:hunter2@host/a", "https://REDACTED:REDACTED@host/a"],
  ["https://me@host/", "https://REDACTED:REDACTED@host/"],
  ["https://:hunter2@host/", "https://REDACTED:REDACTED@host/"],
  ["https://host/a?x=1&sig=hunter2#f", "https://host/a?x=1&sig=REDACTED"],
  ["https://[::1]:80/a?", "https://[::1]:80/a"],
])("%s is told as %s", (url, expected) => {
  expect(redactedHref(new URL(url))).toBe(expected);
});
