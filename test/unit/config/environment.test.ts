import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  firstSet,
  readChoice,
  readInteger,
  readPairs,
  variablesOf,
} from "../../../src/config/environment.ts";
import { ConfigError } from "../../../src/config/error.ts";

function outcome(run: () => unknown): unknown {
  try {
    run();
    return "ok";
  } catch (error) {
    return error instanceof ConfigError ? "ok" : error;
  }
}

describe("variablesOf", () => {
  test.each([
    ["a set value", [{ A: "x" }], "x"],
    ["a value without its surrounding space", [{ A: "  x y\n" }], "x y"],
    ["the first source that has it", [{ A: "x" }, { A: "y" }], "x"],
    ["a later source where an earlier one has it empty", [{ A: "" }, { A: "y" }], "y"],
    ["a later source where an earlier one has a binding", [{ A: { get() {} } }, { A: "y" }], "y"],
    ["nothing for an empty value", [{ A: "" }], undefined],
    ["nothing for blanks", [{ A: " \t" }], undefined],
    ["nothing for a number", [{ A: 1 }], undefined],
    ["nothing without sources", [undefined, null, "text"], undefined],
  ])("answers %s", (_, sources, expected) => {
    expect(variablesOf(...sources)("A")).toBe(expected);
  });
});

it("firstSet answers the first name that is set", () => {
  const read = variablesOf({ A: "", B: "b", C: "c" });
  expect([firstSet(read, "A", "B", "C"), firstSet(read, "A", "Z")]).toEqual([
    ["B", "b"],
    undefined,
  ]);
});

describe("readChoice", () => {
  const choices = ["gzip", "none", "a/b"];
  const choose = (value: string | undefined): string =>
    readChoice(variablesOf({ CHOICE: value }), choices, "gzip", "CHOICE");

  test.each([
    ["none", "none"],
    ["NONE", "none"],
    ["A/b", "a/b"],
    [" None ", "none"],
    ["gzip", "gzip"],
    ["", "gzip"],
    [undefined, "gzip"],
  ])("reads %j as %s", (value, expected) => {
    expect(choose(value)).toBe(expected);
  });

  test.each(["1", "yes", "gzip,none", "toString", "__proto__"])("refuses %j", (value) => {
    expect(() => choose(value)).toThrow(
      new ConfigError(`edgespan: CHOICE "${value}" must be one of gzip, none, a/b`),
    );
  });

  it("uses the first variable that is set, and names it where it is wrong", () => {
    const read = variablesOf({ A: "", B: "none", C: "gzip", D: "x" });
    expect(readChoice(read, choices, "gzip", "A", "B", "C")).toBe("none");
    expect(() => readChoice(read, choices, "gzip", "A", "D", "B")).toThrow(/^edgespan: D "x" must/);
  });
});

describe("readInteger", () => {
  test.each([
    ["0", 0],
    ["12", 12],
    ["007", 7],
    [" 5 ", 5],
    ["", undefined],
  ])("reads %j", (value, expected) => {
    expect(readInteger(variablesOf({ N: value }), "N")).toBe(expected);
  });

  test.each(["-1", "1.5", "1e3", "0x10", "ten", "Infinity"])("refuses %j", (value) => {
    expect(() => readInteger(variablesOf({ N: value }), "N")).toThrow(
      new ConfigError(`edgespan: N "${value}" must be a whole number of 0 or more`),
    );
  });

  it("names the variable that was wrong, not the one that was looked for first", () => {
    expect(() => readInteger(variablesOf({ B: "x" }), "A", "B")).toThrow(/^edgespan: B "x"/);
  });
});

describe("readPairs", () => {
  test.each([
    ["api-key=abc", { "api-key": "abc" }],
    ["a=1,b=2", { a: "1", b: "2" }],
    [" a = 1 , b = 2 ", { a: "1", b: "2" }],
    ["a=1,,b=2,", { a: "1", b: "2" }],
    ["a=", { a: "" }],
    ["authorization=Basic%20dXNlcjpwYXNz", { authorization: "Basic dXNlcjpwYXNz" }],
    ["a=b=c==", { a: "b=c==" }],
    ["k%C3%A9y=v%2Cw%3D", { kéy: "v,w=" }],
    ["a=1,a=2", { a: "2" }],
    ["", {}],
  ])("reads %j", (value, expected) => {
    const set = value ? "PAIRS" : "";
    expect(readPairs(variablesOf({ PAIRS: value }), "PAIRS")).toEqual([set, expected]);
  });

  test.each([
    ["hunter2", 1],
    ["a=1,hunter2", 2],
    ["=hunter2", 1],
    ["a=1,b=2, =hunter2", 3],
    ["a=%hunter2", 1],
    ["%zz=hunter2", 1],
  ])("refuses %j by its position, without its text", (value, position) => {
    expect(() => readPairs(variablesOf({ PAIRS: value }), "PAIRS")).toThrow(
      new ConfigError(`edgespan: PAIRS entry ${position} must be "name=value", percent-encoded`),
    );
  });

  it("uses the first variable that is set and none of the others", () => {
    const read = variablesOf({ TRACES: "a=1", GENERAL: "a=2,b=3" });
    expect(readPairs(read, "TRACES", "GENERAL")).toEqual(["TRACES", { a: "1" }]);
  });

  it("reads back whatever was percent-encoded", () => {
    const name = fc
      .string({ minLength: 1, unit: "grapheme" })
      .filter((text) => text !== "__proto__");
    const value = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1 }), (pairs) => {
        const text = Object.entries(pairs)
          .map((pair) => pair.map(encodeURIComponent).join("="))
          .join(",");
        expect(readPairs(() => text, "PAIRS")).toEqual(["PAIRS", { ...pairs }]);
      }),
    );
  });

  it("answers pairs or a ConfigError for any text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(outcome(() => readPairs(() => text, "PAIRS"))).toBe("ok");
      }),
    );
  });
});
