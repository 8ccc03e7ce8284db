/** When the spans of an invocation leave, and that none is lost. */
import { expect, it } from "vitest";
import { exportsOf, flushing, namesOf, payloadOf, underEachClient, underNode22 } from "./life.ts";

/** A backend that has not answered until it is told to. */
function heldBackend(): { answer: () => Promise<{ status: number }>; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<{ status: number }>();
  return { answer: () => promise, release: () => resolve({ status: 200 }) };
}

const warm = { env: { AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" } };

underEachClient("the spans of an invocation", (start) => {
  it("leave after the response, whatever the backend takes", async () => {
    const { lambda, collector } = await start(warm);
    const { answer, release } = heldBackend();
    collector.answer(answer);
    const outcome = await lambda.invoke();
    expect([outcome.status, namesOf(collector)]).toEqual(["success", []]);
    release();
    await lambda.idle();
    expect(exportsOf(collector)).toEqual([["local", "work"]]);
  });

  it("leave once for each invocation, and before the sandbox is frozen", async () => {
    const { lambda, collector } = await start(warm);
    for (let count = 1; count <= 50; count++) {
      await lambda.invoke({ fails: count % 5 === 0 ? "no" : undefined });
      await lambda.idle();
      expect(collector.exports).toHaveLength(count);
    }
    expect(exportsOf(collector)).toEqual(Array.from({ length: 50 }, () => ["local", "work"]));
  });

  it("are all there after 200 invocations that follow at once", async () => {
    const { lambda, collector } = await start(warm);
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => lambda.invoke({ name: `work ${index}` })),
    );
    await lambda.idle();
    expect(new Set(outcomes.map((outcome) => payloadOf(outcome)["pid"])).size).toBe(1);
    const names = namesOf(collector).filter((name) => name !== "local");
    expect(names).toEqual(Array.from({ length: 200 }, (_, index) => `work ${index}`));
    expect(collector.exports).toHaveLength(200);
  });

  it("leave before the response on request", async () => {
    const { lambda, collector } = await start(flushing({ when: "beforeResponse" }));
    await lambda.invoke();
    expect(namesOf(collector)).toEqual(["local", "init", "work"]);
  });

  it("leave before the response where the sandbox comes from a snapshot", async () => {
    const { lambda, collector } = await start({
      env: { AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start" },
    });
    await lambda.invoke();
    expect(namesOf(collector)).toEqual(["local", "work"]);
  });

  it("leave before the response where registration comes too late and is refused", async () => {
    const { lambda, collector } = await start({ handler: "late.handler" });
    for (let count = 1; count <= 3; count++) {
      await lambda.invoke();
      expect(namesOf(collector).filter((name) => name === "local")).toHaveLength(count);
    }
  });

  it("leave before the response where there is no Extensions API", async () => {
    const { lambda, collector } = await start({ handler: "no-api.handler" });
    await lambda.invoke();
    expect(namesOf(collector)).toEqual(["local", "init"]);
  });

  it("are one trace where two wrappers see the same invocation", async () => {
    const { lambda, collector } = await start({ handler: "life.twice", ...warm });
    await lambda.invoke();
    await lambda.idle();
    expect(exportsOf(collector)).toEqual([["local", "work"]]);
  });

  it("are one trace where a wrapped handler calls another", async () => {
    const { lambda, collector } = await start({ handler: "life.delegates", ...warm });
    await lambda.invoke();
    await lambda.idle();
    expect(collector.traces()).toMatchObject([
      {
        roots: [{ name: "local", children: [{ name: "called", children: [{ name: "work" }] }] }],
      },
    ]);
  });

  it("that end after it leave with the next", async () => {
    const { lambda, collector } = await start(warm);
    await lambda.invoke({ afterwardsMs: 1_500 });
    await lambda.idle();
    expect(exportsOf(collector)).toEqual([["local", "work"]]);
    await lambda.invoke({ ms: 1_800 });
    await lambda.idle();
    expect(exportsOf(collector)[1]?.toSorted()).toEqual(["afterwards", "local", "work"]);
  });

  it("leave although a handler that is not wrapped takes its time to call the one that is", async () => {
    const { lambda, collector } = await start({ handler: "life.outer", ...warm });
    await lambda.invoke({ beforeMs: 0 });
    await lambda.idle();
    await lambda.invoke({ beforeMs: 300 });
    await lambda.idle();
    expect(namesOf(collector)).toEqual(["local", "work", "local", "work"]);
  });

  it("wait in the process while the backend fails, and are sent when it is back", async () => {
    const { lambda, collector } = await start(warm);
    collector.answer(async () => ({ status: 503 }));
    for (let index = 0; index < 5; index++) await lambda.invoke({ name: `work ${index}` });
    await lambda.idle();
    collector.answer();
    // Longer than the pause after five failures.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await lambda.invoke({ name: "work 5" });
    await lambda.idle();
    const names = namesOf(collector).filter((name) => name !== "local");
    expect(names.toSorted()).toEqual(Array.from({ length: 6 }, (_, index) => `work ${index}`));
  });

  it("do not hold the next invocation beyond the deadline, where the backend hangs", async () => {
    const { lambda, collector } = await start({ ...warm, timeoutMs: 1_500 });
    collector.answer(() => new Promise<never>(() => {}));
    const first = await lambda.invoke();
    const second = await lambda.invoke();
    expect(second).not.toHaveProperty("initMs");
    collector.answer();
    await lambda.close();
    expect([payloadOf(second)["pid"], namesOf(collector).length]).toEqual([
      payloadOf(first)["pid"],
      4,
    ]);
  });
});

underEachClient("a handler that is not wrapped, beside one that is", (start) => {
  it("is held once and no more", async () => {
    const { lambda, collector } = await start({ handler: "life.unwrapped" });
    const pids = new Set<unknown>();
    for (let count = 0; count < 3; count++) pids.add(payloadOf(await lambda.invoke())["pid"]);
    await lambda.idle();
    expect([pids.size, namesOf(collector)]).toEqual([1, []]);
  });
});

underNode22("a callback handler", (start) => {
  it("is answered when its spans are sent", async () => {
    const { lambda, collector } = await start({ handler: "wrapped.waits", ...warm });
    expect(await lambda.invoke()).toMatchObject({ payload: "after the loop" });
    expect(namesOf(collector)).toEqual(["local"]);
    expect(await lambda.invoke()).not.toHaveProperty("initMs");
  });

  it("that never calls back does not hold the next invocation", async () => {
    const { lambda } = await start({ handler: "wrapped.neverCalledBack", timeoutMs: 60_000 });
    await lambda.invoke();
    await lambda.idle();
    expect(await lambda.invoke()).not.toHaveProperty("initMs");
  });
});
