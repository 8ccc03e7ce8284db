/** 2,000 invocations of one sandbox that is frozen after each, under AWS's own runtime client. */
import { createCollector, serveCollector, startLambda } from "edgespan/testing";
import { expect, it } from "vitest";
import { runtimeClientPath } from "../lambda/runtime-client/index.ts";

const COUNT = 2_000;
const ric = runtimeClientPath();

it.skipIf(ric === undefined)(
  `loses no span of ${COUNT} invocations between which the process is frozen`,
  async () => {
    const collector = createCollector();
    await using served = await serveCollector(collector);
    await using lambda = await startLambda({
      handler: "life.handler",
      taskRoot: `${import.meta.dirname}/../lambda/fixtures`,
      ...(ric && { runtimeClient: ric }),
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: served.endpoint,
        AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency",
      },
    });
    const pids = new Set<unknown>();
    for (let index = 0; index < COUNT; index++) {
      const outcome = await lambda.invoke({ name: `work ${index}` });
      pids.add(outcome.status === "success" && (outcome.payload as { pid: number }).pid);
      // Now and then the freeze is longer than that of a sandbox under load.
      if (index % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await lambda.idle();
    const names = collector.spans().map(({ name }) => name);
    expect(pids.size).toBe(1);
    expect(names).toEqual(Array.from({ length: COUNT }, (_, i) => ["local", `work ${i}`]).flat());
    expect(collector.exports).toHaveLength(COUNT);
  },
  240_000,
);
