import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { redacted } from "../../../src/trace/redacted.ts";

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

describe("a query", () => {
  test.each(SECRETS)("redacts the value of %s wherever it stands, and keeps its key", (key) => {
    expect(
      [`${key}=hunter2`, `a=1&${key}=hunter2&b=2`, `${key}=`, `${key}=a=b&${key}=c`].map(redacted),
    ).toEqual([
      `${key}=REDACTED`,
      `a=1&${key}=REDACTED&b=2`,
      `${key}=REDACTED`,
      `${key}=REDACTED&${key}=REDACTED`,
    ]);
  });

  test.each([
    ["a=1;sig=hunter2", "a=1;sig=REDACTED"],
    ["/a;sig=hunter2/b", "/a;sig=REDACTED"],
    ["#sig=hunter2", "#sig=REDACTED"],
    ["a&amp;sig=hunter2", "a&amp;sig=REDACTED"],
    ["X-Goog-Credential=hunter2", "X-Goog-Credential=REDACTED"],
    ["Credential=AKIA/1/us-east-1, Signature=hunter2", "Credential=REDACTED Signature=REDACTED"],
  ])("redacts a secret wherever else one begins: %s", (text, told) => {
    expect(redacted(text)).toBe(told);
  });

  test.each(SECRETS)("redacts %s also of a URL that is a parameter of another", (key) => {
    const inner = `https://files.example/a?x=1&${key}=hunter2&y=2`;
    let outer = inner;
    for (let depth = 0; depth < 3; depth++) {
      outer = `https://host/?url=${encodeURIComponent(outer)}&width=80`;
      const told = redacted(outer);
      expect(told).not.toContain("hunter2");
      expect(told).toMatch(new RegExp(`^https://host/.*${key}%\\w*REDACTED&width=80$`));
    }
  });

  test.each(["", "a=1", "design=x", "sigma=1", "a=sig", "sig", "a=1&xsig=2", "?sig2=1"])(
    "leaves %j as it is",
    (query) => {
      expect(redacted(query)).toBe(query);
    },
  );

  it("never shows a secret, whatever stands around it", () => {
    const other = fc.webQueryParameters();
    fc.assert(
      fc.property(other, fc.constantFrom(...SECRETS), other, (before, key, after) => {
        const told = redacted(`${before}&${key}=hunter2&${after}`);
        expect(told).not.toContain("hunter2");
        expect(told).toContain(`&${key}=REDACTED&`);
      }),
    );
  });
});

test.each([
  ["https://host/a?b=1", "https://host/a?b=1"],
  ["https://host:8443/a", "https://host:8443/a"],
  ["https://me:hunter2@host/a", "https://REDACTED:REDACTED@host/a"],
  ["https://me@host/", "https://REDACTED:REDACTED@host/"],
  ["https://:hunter2@host/", "https://REDACTED:REDACTED@host/"],
  ["https://host/a?x=1&sig=hunter2", "https://host/a?x=1&sig=REDACTED"],
  ["https://[::1]:80/a?", "https://[::1]:80/a?"],
])("%s is told as %s", (url, expected) => {
  expect(redacted(new URL(url).href)).toBe(expected);
});

test.each([
  ["no URL at all: a//b, user@host", "no URL at all: a//b, user@host"],
  [
    "at https://me:hunter2@host/a?sig=hunter2 now",
    "at https://REDACTED:REDACTED@host/a?sig=REDACTED now",
  ],
  [
    "of h2://a:hunter2@b and h2://c:hunter2@d",
    "of h2://REDACTED:REDACTED@b and h2://REDACTED:REDACTED@d",
  ],
  ["of https://host/a@b//@scope?mail=a@b", "of https://host/a@b//@scope?mail=a@b"],
  // `URL` leaves line breaks out, and Node's `fetch` quotes what it was given.
  ["at https://me:hunt\ner2\n@host/a", "at https://REDACTED:REDACTED@host/a"],
])("the message %j is told as %j", (message, expected) => {
  expect(redacted(message)).toBe(expected);
});

test.each([
  "hunter2",
  'password="hunter2"',
  '{"pw":\n"hunter2",\n"x":nohunter2\n}',
  `hunter2${"x".repeat(1_000)}`,
])("the error of JSON.parse tells nothing of %j", (text) => {
  const { message } = thrownBy(text);
  expect(message).toContain("hunter2");
  expect(redacted(message)).toMatch(/^Unexpected token '.', REDACTED is not valid JSON$/);
  expect(redacted(`SyntaxError: ${message}\n    at a\n    at b`)).toMatch(
    /JSON\n {4}at a\n {4}at b$/,
  );
});

function thrownBy(text: string): Error {
  try {
    JSON.parse(text);
  } catch (error) {
    return error as Error;
  }
  throw new Error("this is JSON");
}

it.each([
  "//".repeat(500_000),
  ', "'.repeat(330_000),
  ', " is not valid'.repeat(60_000),
  `//${"a".repeat(1_000_000)}`,
  "&sig".repeat(250_000),
  "sig=".repeat(250_000),
  "%sig".repeat(250_000),
  "%25".repeat(330_000),
  `%${"2".repeat(1_000_000)}`,
  "sig%".repeat(250_000),
  "://a".repeat(250_000),
  ":/a@".repeat(250_000),
  "X-Amz-Credentia".repeat(66_000),
])("a megabyte of text is read in no more than a quarter of a second", (text) => {
  // Not by the clock: others may run beside.
  const before = process.cpuUsage();
  redacted(text);
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(250);
});
