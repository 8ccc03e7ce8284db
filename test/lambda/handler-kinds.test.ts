import { createCollector, serveCollector, startLambda } from "edgespan/testing";
import { expect, it } from "vitest";
import { underEachClient } from "./clients.ts";

/** Each export of the fixture, what it answers, and the names of its spans. */
const KINDS: Record<string, readonly [answer: unknown, children: readonly string[]]> = {
  bound: ["shop sells sugar", ["sell"]],
  constructed: ["Shop is closed", []],
  engine: ["SHOP SELLS TEA", ["before", "sell"]],
  usedLater: ["SHOP SELLS TEA", ["before", "sell"]],
  within: ["SHOP SELLS TEA", ["sell"]],
  abortable: [true, []],
  abortableAtOnce: [{ signal: true, ms: "number" }, []],
  "shop.handler": ["shop sells sugar", ["sell"]],
};

underEachClient("CommonJS code", (client) => {
  it.concurrent.each(Object.entries(KINDS))("serves %s", async (name, [answer, children]) => {
    const collector = createCollector();
    await using backend = await serveCollector(collector);
    await using lambda = await startLambda({
      ...client,
      handler: `kinds.${name}`,
      taskRoot: `${import.meta.dirname}/fixtures`,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint,
        AWS_LAMBDA_INITIALIZATION_TYPE: undefined,
      },
    });
    expect(await lambda.invoke({ item: "sugar" })).toMatchObject({
      status: "success",
      payload: answer,
    });
    await lambda.idle();
    expect(collector.traces()).toMatchObject([
      { roots: [{ name: "local", children: children.map((child) => ({ name: child })) }] },
    ]);
  });
});
