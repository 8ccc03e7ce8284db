/** The law of the platform that the local Lambda keeps: extensions, freezes and the end of a sandbox. */
import { startLambda } from "edgespan/testing";
import { expect, it } from "vitest";
import { payloadOf, underEachClient } from "./life.ts";

underEachClient("the local Lambda", (start) => {
  const startExtension = (mode: string, options: { timeoutMs?: number } = {}) =>
    start({ handler: "extension.handler", env: { MODE: mode }, ...options });

  it("tells a registered extension of each invocation", async () => {
    const { lambda } = await startExtension("");
    const outcomes = [await lambda.invoke(), await lambda.invoke()];
    await lambda.idle();
    const told = outcomes.map(({ requestId }) => `INVOKE ${requestId}`);
    expect(lambda.output().match(/INVOKE \S+/g)).toEqual(told);
  });

  it("hands out no event before the extension has asked, and the next one neither", async () => {
    const { lambda } = await startExtension("slow");
    const startedAt = performance.now();
    const first = await lambda.invoke();
    const second = await lambda.invoke();
    expect(first.initMs).toBeGreaterThanOrEqual(295);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(590);
    expect(payloadOf(second)["pid"]).toBe(payloadOf(first)["pid"]);
  });

  it("ends a sandbox whose extension does not come back by the deadline", async () => {
    const { lambda } = await startExtension("once", { timeoutMs: 1_000 });
    expect(await lambda.invoke()).toMatchObject({ status: "success" });
    expect(await lambda.invoke()).toMatchObject({ status: "success", initMs: expect.any(Number) });
  });

  it.each([
    ["shutdown", "403 Extension.InvalidEventType"],
    ["late", "403 Extension.RegistrationClosed"],
  ])("refuses a registration: %s", async (mode, answer) => {
    const { lambda } = await startExtension(mode);
    await lambda.invoke();
    await lambda.idle();
    expect(lambda.output()).toContain(answer);
  });

  it("stops the process between invocations", async () => {
    const { lambda } = await startExtension("ticks");
    await lambda.invoke();
    await lambda.idle();
    const ticks = (): number => lambda.output().split("tick").length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const frozen = ticks();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ticks()).toBe(frozen);
    await lambda.invoke();
    expect(ticks()).toBeGreaterThan(frozen);
  });

  it("sends SIGTERM at the end where there is an extension, and only there", async () => {
    const { lambda } = await startExtension("");
    await lambda.invoke();
    await lambda.close();
    expect(lambda.output()).toContain("SIGTERM");
    const without = await startExtension("late");
    await without.lambda.invoke();
    await without.lambda.close();
    expect(without.lambda.output()).not.toContain("SIGTERM");
  });
});

// Of ten seconds, as on Lambda, and once: no client has a part in it.
it.concurrent("the local Lambda never starts a function whose extension does not ask", async () => {
  await using lambda = await startLambda({
    handler: "extension.handler",
    taskRoot: `${import.meta.dirname}/fixtures`,
    env: { MODE: "silent" },
  });
  expect(await lambda.invoke()).toMatchObject({ status: "timeout", phase: "init" });
});
