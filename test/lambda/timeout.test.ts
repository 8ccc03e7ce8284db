/** What is left of an invocation that Lambda ends at its deadline, or nearly so. */
import { expect, it } from "vitest";
import { exportsOf, flushing, namesOf, underOneClient, underNode22 } from "./life.ts";

const warm = { AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" };
const cut = {
  status: { code: "ERROR", message: "about to time out" },
  attributes: { "error.type": "timeout", "edgespan.truncated": true },
};

underOneClient("an invocation that times out", (start) => {
  it("leaves its root and all open spans as errors, and those that had ended as they were", async () => {
    const { lambda, collector } = await start({ env: warm, timeoutMs: 2_000 });
    await lambda.invoke({ name: "before" });
    const outcome = await lambda.invoke({ ms: 60_000 });
    expect(outcome.status).toBe("timeout");
    expect(collector.traces()).toMatchObject([
      { roots: [{ name: "local", status: { code: "UNSET" }, children: [{ name: "before" }] }] },
      { roots: [{ name: "local", ...cut, children: [{ name: "work", ...cut }] }] },
    ]);
    expect(exportsOf(collector)).toEqual([
      ["local", "before"],
      ["local", "work"],
    ]);
  });

  it("loses no span of 5 that time out", async () => {
    const { lambda, collector } = await start({ env: warm, timeoutMs: 1_500 });
    for (let count = 0; count < 5; count++) await lambda.invoke({ ms: 60_000 });
    expect(namesOf(collector)).toEqual(Array.from({ length: 5 }, () => ["local", "work"]).flat());
  });
});

underOneClient("an invocation that is done shortly before its deadline", (start) => {
  const close = {
    env: { ...warm, ...flushing({ beforeTimeoutMs: 100_000 }).env },
    timeoutMs: 4_000,
  };

  it("has its outcome in a further span, and no span twice", async () => {
    const { lambda, collector } = await start(close);
    const outcome = await lambda.invoke({ ms: 3_300, statusCode: 201 });
    expect(outcome.status).toBe("success");
    await lambda.idle();
    expect(exportsOf(collector)).toEqual([["local", "work"], ["continued"]]);
    expect(collector.traces()).toMatchObject([
      {
        roots: [
          {
            name: "local",
            ...cut,
            children: [
              { name: "work", ...cut },
              { name: "continued", status: { code: "UNSET" }, attributes: {} },
            ],
          },
        ],
      },
    ]);
  });

  it("has its error there, too", async () => {
    const { lambda, collector } = await start(close);
    await lambda.invoke({ ms: 3_300, fails: "too far" });
    await lambda.idle();
    expect(collector.spans().at(-1)).toMatchObject({
      name: "continued",
      status: { code: "ERROR", message: "too far" },
      attributes: { "error.type": "RangeError" },
    });
  });

  it("is not told apart where that is switched off", async () => {
    const { lambda, collector } = await start({
      env: { ...warm, ...flushing({ beforeTimeoutMs: 0 }).env },
      timeoutMs: 2_000,
    });
    await lambda.invoke({ ms: 1_700 });
    await lambda.idle();
    expect(exportsOf(collector)).toEqual([["local", "work"]]);
  });
});

underNode22("an invocation whose event loop is empty", (start) => {
  it("is ended, whatever the rescue and the extension wait for", async () => {
    const { lambda } = await start({
      handler: "wrapped.neverCalledBack",
      timeoutMs: 60_000,
    });
    expect(await lambda.invoke()).toMatchObject({ status: "success", payload: null });
  });

  it.each(["wrapped.neverCalledBack", "wrapped.hangs"])(
    "has no time-out, and leaves the sandbox at once: %s",
    async (handler) => {
      const { lambda, collector } = await start({ handler, env: warm, timeoutMs: 2_000 });
      for (let count = 0; count < 2; count++) {
        const outcome = await lambda.invoke();
        expect(outcome).toMatchObject({ status: "success", payload: null });
        expect(["initMs" in outcome, namesOf(collector)]).toEqual([count === 0, []]);
        await lambda.idle();
        // Frozen, until after its deadline.
        await new Promise((resolve) => setTimeout(resolve, 2_200));
      }
    },
  );
});
