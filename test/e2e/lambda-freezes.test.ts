/** 2,000 invocations of one sandbox that is frozen after each, under AWS's own runtime client. */
import { expect, it } from "vitest";
import { payloadOf, startUnder } from "../lambda/life.ts";
import { underAwsClient } from "../lambda/clients.ts";

const COUNT = 2_000;

underAwsClient(`a function that is invoked ${COUNT} times and frozen in between`, (client) => {
  it("loses no span", { timeout: 240_000 }, async () => {
    const { lambda, collector } = await startUnder(client)({
      env: { AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" },
    });
    const pids = new Set<unknown>();
    for (let index = 0; index < COUNT; index++) {
      pids.add(payloadOf(await lambda.invoke({ name: `work ${index}` }))["pid"]);
      // Now and then the freeze is longer than that of a sandbox under load.
      if (index % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await lambda.idle();
    const names = collector.spans().map(({ name }) => name);
    expect(pids.size).toBe(1);
    expect(names).toEqual(Array.from({ length: COUNT }, (_, i) => ["local", `work ${i}`]).flat());
    expect(collector.exports).toHaveLength(COUNT);
  });
});
