/** Lambda Managed Instances: several invocations at once in one process that is never frozen. */
import { expect, it } from "vitest";
import { payloadOf, underEachClient } from "./life.ts";

const MAX = 8;
const COUNT = 40;

underEachClient("on Managed Instances", (start) => {
  // The real client starts eight threads for each processor, and each loads the handler.
  const managed = { maxConcurrency: MAX, env: { AWS_LAMBDA_NODEJS_WORKER_COUNT: "1" } };

  it("concurrent invocations do not mix, and their spans leave together", async () => {
    const { lambda, collector } = await start(managed);
    const outcomes = await Promise.all(
      Array.from({ length: COUNT }, (_, index) =>
        lambda.invoke({ name: `work ${index}`, ms: 20 + ((index * 7) % 50) }),
      ),
    );
    await collector.waitForSpans(COUNT * 2);
    const traces = collector.traces();
    expect(traces).toHaveLength(COUNT);
    const told = traces.flatMap(({ roots }) =>
      roots.map(({ attributes, children }) =>
        JSON.stringify([
          attributes["faas.invocation.id"],
          attributes["faas.coldstart"],
          children.map(({ name }) => name),
        ]),
      ),
    );
    const expected = outcomes.map((outcome) =>
      JSON.stringify([outcome.requestId, false, [payloadOf(outcome)["name"]]]),
    );
    expect(told.toSorted()).toEqual(expected.toSorted());
    expect(collector.exports.length).toBeLessThan(COUNT / 2);
  });

  it("a span that ends after its invocation is not left behind", async () => {
    const { lambda, collector } = await start(managed);
    await lambda.invoke({ afterwardsMs: 300 });
    await collector.waitForSpans(3);
    expect(collector.traces()).toMatchObject([
      {
        roots: [
          { name: "local", children: [{ name: "work", children: [{ name: "afterwards" }] }] },
        ],
      },
    ]);
  });

  it("an invocation that times out leaves its spans, and others go on", async () => {
    const { lambda, collector } = await start(managed);
    const [late, other] = await Promise.all([
      lambda.invoke({ ms: 1_500, name: "late" }, { timeoutMs: 1_000 }),
      lambda.invoke({ ms: 1_200, name: "other" }, { timeoutMs: 20_000 }),
    ]);
    expect([late.status, other.status]).toEqual(["timeout", "success"]);
    await collector.waitForSpans(5);
    const told = collector.spans().map(({ name, status }) => `${name} ${status.code}`);
    expect(told.toSorted()).toEqual([
      "continued UNSET",
      "late ERROR",
      "local ERROR",
      "local UNSET",
      "other UNSET",
    ]);
  });
});
