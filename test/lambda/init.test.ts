/** The init phase, and who waited for it. */
import { expect, it } from "vitest";
import { underEachClient } from "./life.ts";

underEachClient("the init phase", (start) => {
  it("is a span of the first on-demand invocation, from the start of the process on", async () => {
    const { lambda, collector } = await start();
    const startedAt = Date.now();
    await lambda.invoke();
    await lambda.invoke();
    await lambda.idle();
    const [first, second] = collector.traces();
    expect(first).toMatchObject({
      roots: [
        {
          name: "local",
          attributes: { "faas.coldstart": true },
          children: [{ name: "init", kind: "INTERNAL", attributes: {} }, { name: "work" }],
        },
      ],
    });
    expect(second).toMatchObject({
      roots: [{ attributes: { "faas.coldstart": false }, children: [{ name: "work" }] }],
    });
    const [root, init] = collector.spans();
    if (!root || !init) throw new Error("there are too few spans");
    const times = [startedAt, init.startMs, init.startMs + init.durationMs, root.startMs + 1];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it.each(["provisioned-concurrency", "snap-start"])(
    "is no part of an invocation, and none is a cold start: %s",
    async (type) => {
      const { lambda, collector } = await start({ env: { AWS_LAMBDA_INITIALIZATION_TYPE: type } });
      await lambda.invoke();
      await lambda.idle();
      expect(collector.traces()).toMatchObject([
        { roots: [{ attributes: { "faas.coldstart": false }, children: [{ name: "work" }] }] },
      ]);
    },
  );

  it("is no span of an invocation that is not sampled", async () => {
    const { lambda, collector } = await start({ env: { OTEL_TRACES_SAMPLER: "always_off" } });
    await lambda.invoke();
    await lambda.idle();
    expect(collector.requests).toBe(0);
  });
});
