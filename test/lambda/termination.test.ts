/** The end of a sandbox. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { namesOf, underEachClient } from "./life.ts";

const warm = { AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" };

underEachClient("a sandbox that ends", (start) => {
  it("sends what is left: spans that ended after their invocation had been sent", async () => {
    const { lambda, collector } = await start({ handler: "first-sampled.handler", env: warm });
    await lambda.invoke({ ms: 0, lateMs: 1_000 });
    // Frozen, nothing ends; in a further invocation it does.
    await lambda.invoke({ ms: 1_300 });
    await lambda.idle();
    expect(namesOf(collector)).toEqual(["local"]);
    await lambda.close();
    expect(namesOf(collector)).toEqual(["local", "late"]);
  });

  it("sends what is left: spans that the backend had refused, whatever the pause", async () => {
    const { lambda, collector } = await start({ env: warm });
    collector.answer(async () => ({ status: 503 }));
    for (let count = 0; count < 6; count++) await lambda.invoke();
    await lambda.idle();
    collector.answer();
    await lambda.close();
    expect(namesOf(collector)).toHaveLength(12);
  });

  it("waits for what is under way", async () => {
    const { lambda, collector } = await start({ env: warm });
    collector.answer(async () => {
      await sleep(150);
      return { status: 200 };
    });
    await lambda.invoke();
    while (collector.requests === 0) await sleep(1);
    await lambda.close();
    expect(namesOf(collector)).toEqual(["local", "work"]);
  });

  it("ends by the signal, as without edgespan", async () => {
    const { lambda } = await start({ env: warm });
    await lambda.invoke();
    const running = lambda.invoke({ ms: 60_000 }, { timeoutMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await lambda.close();
    expect(await running).toMatchObject({ status: "exit", code: null, signal: "SIGTERM" });
  });

  it("leaves it to the application's own listener when the process ends", async () => {
    const { lambda, collector } = await start({ handler: "signals.handler", env: warm });
    collector.answer(async () => ({ status: 503 }));
    await lambda.invoke();
    await lambda.idle();
    collector.answer();
    await lambda.close();
    expect(lambda.output()).toMatch(/the application closes[^]*the application is closed/);
    expect(namesOf(collector)).toEqual(["local", "work"]);
  });
});
