import { DiagLogLevel, diag } from "@opentelemetry/api";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createReport, warn } from "../../../src/trace/report.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";

const onConsole = vi.spyOn(console, "warn").mockImplementation(() => {});
beforeEach(() => void onConsole.mockClear());

describe("a report", () => {
  it("warns at most once a minute and tells how many problems it held back", () => {
    const clock = createManualClock();
    const report = createReport(() => clock.now());
    report("first");
    clock.advance(59_999);
    report("second");
    report("third");
    clock.advance(1);
    report("fourth");
    report("fifth");
    clock.advance(60_000);
    report("sixth");
    clock.advance(60_000);
    report("seventh");
    expect(onConsole.mock.calls).toEqual([
      ["edgespan: first"],
      ["edgespan: fourth (and 2 more since the last warning)"],
      ["edgespan: sixth (and 1 more since the last warning)"],
      ["edgespan: seventh"],
    ]);
  });

  it("counts for itself alone", () => {
    createReport(() => 0)("one");
    createReport(() => 0)("two");
    expect(onConsole.mock.calls).toEqual([["edgespan: one"], ["edgespan: two"]]);
  });
});

describe("a warning", () => {
  it("goes to the diag logger where the application has set one, and then not to the console", () => {
    const warned: unknown[][] = [];
    const ignore = (): void => {};
    const logger = { error: ignore, info: ignore, debug: ignore, verbose: ignore };
    diag.setLogger({ ...logger, warn: (...args) => void warned.push(args) }, DiagLogLevel.WARN);
    onTestFinished(() => diag.disable());
    warn("careful");
    diag.disable();
    warn("again");
    expect([warned, onConsole.mock.calls]).toEqual([[["careful"]], [["again"]]]);
  });
});
