/** A thousand requests at once, in one isolate and in one process. */
import { describe, expect, it } from "vitest";
import { expectApart } from "./promises/isolation.ts";
import { sandbox } from "./sandbox.ts";
import { setStage } from "./stage.ts";
import { workerd } from "./workerd.ts";

const COUNT = 1_000;

const PLATFORMS = [
  ["a Worker in workerd", workerd("worker", () => "GET")],
  [
    "a Lambda function on Managed Instances",
    sandbox("lambda", () => "GET", { maxConcurrency: COUNT, timeoutMs: 20_000 }),
  ],
] as const;

describe.each(PLATFORMS)("%s", (_, platform) => {
  const stage = setStage(platform);

  it("answers a thousand requests at once: each trace whole, none mixed", async () => {
    await expectApart(stage.traced, "GET", COUNT);
    // Together, and not one by one.
    expect(stage.traced.collector.requests).toBeLessThan(COUNT / 10);
  });
});
