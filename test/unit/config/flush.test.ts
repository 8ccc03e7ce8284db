import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../../src/config/error.ts";
import type { Options } from "../../../src/config/options.ts";
import { resolved } from "./resolved.ts";

const VARIABLES = {
  OTEL_BSP_SCHEDULE_DELAY: "5000",
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "100",
  OTEL_BSP_MAX_QUEUE_SIZE: "2048",
};

describe("the flush", () => {
  const DEFAULTS = { windowMs: 100, maxBatchSize: 512, maxQueueSize: 8_192, maxWaitMs: 25_000 };
  test.each<[string, Options["flush"], Record<string, string>, Partial<typeof DEFAULTS>]>([
    ["has defaults", undefined, {}, {}],
    [
      "reads the variables of the batch span processor",
      undefined,
      VARIABLES,
      { windowMs: 5_000, maxBatchSize: 100, maxQueueSize: 2_048 },
    ],
    ["counts empty variables as unset", {}, { OTEL_BSP_SCHEDULE_DELAY: " " }, {}],
    ["may have no window", undefined, { OTEL_BSP_SCHEDULE_DELAY: "0" }, { windowMs: 0 }],
    ["has no batch of 0", undefined, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "0" }, {}],
    [
      "takes code over variables",
      { windowMs: 0, maxBatchSize: 1, maxQueueSize: 2, maxWaitMs: 0 },
      VARIABLES,
      { windowMs: 0, maxBatchSize: 1, maxQueueSize: 2, maxWaitMs: 0 },
    ],
  ])("%s", (_, flush, variables, expected) => {
    expect(resolved(flush ? { flush } : {}, variables).flush).toEqual({ ...DEFAULTS, ...expected });
  });

  test.each(Object.keys(VARIABLES))("%s is refused where it is no whole number", (name) => {
    expect(() => resolved({}, { [name]: "-1" })).toThrow(
      new ConfigError(`edgespan: ${name} "-1" must be a whole number of 0 or more`),
    );
  });
});

describe("the log level", () => {
  test.each([
    [undefined, "info"],
    ["", "info"],
    ["none", "none"],
    ["ERROR", "error"],
    ["Warn", "warn"],
    ["info", "info"],
    ["DEBUG", "debug"],
    ["verbose", "verbose"],
    ["ALL", "all"],
  ])("OTEL_LOG_LEVEL=%j is %s", (value, level) => {
    expect(resolved({}, value === undefined ? {} : { OTEL_LOG_LEVEL: value }).logLevel).toBe(level);
  });

  it("of another name is refused, naming all there are", () => {
    expect(() => resolved({}, { OTEL_LOG_LEVEL: "trace" })).toThrow(
      new ConfigError(
        'edgespan: OTEL_LOG_LEVEL "trace" must be one of none, error, warn, info, debug, verbose, all',
      ),
    );
  });
});
