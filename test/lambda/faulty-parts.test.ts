/** Samplers and processors of the application's own that are at fault, in a process that a rejection would end. */
import { expect, it } from "vitest";
import { namesOf, payloadOf, underEachClient } from "./life.ts";

underEachClient("a function with a part of its own that is at fault", (start) => {
  it.each([
    ["an async sampler that fails", []],
    ["a processor with async methods that fail", ["local", "work", "local", "work"]],
    ["a sampler whose tracestate is none, below a tail", []],
  ])("answers as without: %s", async (PARTS, spans) => {
    const env = { PARTS, AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" };
    const { lambda, collector } = await start({ handler: "faulty-parts.handler", env });
    for (let count = 0; count < 2; count++)
      expect(payloadOf(await lambda.invoke())).toEqual(expect.any(Number));
    await lambda.idle();
    expect(namesOf(collector)).toEqual(spans);
  });
});
