/** Middy's middleware: what the wrapper does for an invocation, whatever others do before and after. */
import {
  type Collector,
  type CollectedSpan,
  type LambdaOptions,
  type LambdaOutcome,
  type TraceNode,
  createCollector,
  createFakeLambdaContext,
} from "edgespan/testing";
import middy from "@middy/core";
import { span } from "edgespan";
import { tracing } from "edgespan/middy";
import { describe, expect, it, vi } from "vitest";
import { exportsOf, namesOf, underEachClient } from "./life.ts";
import { exampleEvent } from "./root-span.ts";

/** What the other middleware and the handler do, by what happens of it. */
const PLANS: Readonly<Record<string, object>> = {
  "all is well": {},
  "it answers before": { before: "answers" },
  "it answers after": { after: "answers" },
  "it throws before": { before: "throws" },
  "it throws before, and onError answers": { before: "throws", onError: "answers" },
  "it throws after": { after: "throws" },
  "it throws after, and onError sets a response": { after: "throws", onError: "mends" },
  "the handler throws": { handler: "throws" },
  "the handler throws a text": { handler: "throws text" },
  "the handler throws, and onError sets a response": { handler: "throws", onError: "mends" },
  "the handler throws, and onError answers": { handler: "throws", onError: "answers" },
  "the handler throws, and onError throws another": { handler: "throws", onError: "throws" },
  "it sets a response before": { before: "mends" },
  "the event is one of HTTP": exampleEvent("api-gateway-v2"),
  "the event is one of HTTP, answered before": {
    ...exampleEvent("api-gateway-v2"),
    before: "answers",
  },
  "the event is one of HTTP, and onError sets a response": {
    ...exampleEvent("api-gateway-v2"),
    handler: "throws",
    onError: "mends",
  },
};

const provisioned = { AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" };

const optionsOf = (options: object): Partial<LambdaOptions> => ({
  env: { ...provisioned, OPTIONS: JSON.stringify(options) },
});

/** What Lambda got, without what differs from call to call. */
function told(outcome: LambdaOutcome): unknown {
  if (outcome.status === "success") return { ...(outcome.payload as object), id: undefined };
  if (outcome.status !== "error") return outcome;
  return { type: outcome.error.errorType, message: outcome.error.errorMessage };
}

/** A span without what differs from call to call. */
function plain({ name, kind, status, attributes, events, links, children }: TraceNode): object {
  const { "faas.invocation.id": _, "aws.xray.trace_id": __, ...others } = attributes;
  const happened = events.map((event) => [
    event.name,
    event.attributes["exception.type"],
    event.attributes["exception.message"],
  ]);
  return { name, kind, status, others, happened, links, children: children.map(plain) };
}

const endOf = ({ startMs, durationMs }: CollectedSpan): number => startMs + durationMs;

underEachClient("an invocation that Middy runs", (start) => {
  async function runAll(handler: string): Promise<Record<string, unknown>> {
    const { lambda, collector } = await start({ handler, env: provisioned });
    const all: Record<string, unknown> = {};
    for (const [what, event] of Object.entries(PLANS)) {
      const before = collector.exports.length;
      const outcome = await lambda.invoke(event);
      await lambda.idle();
      const exports = collector.exports.slice(before);
      const ofIt = collector.traces().at(-1);
      const [root, ...others] = ofIt?.roots ?? [];
      expect([what, exports.length, others]).toEqual([what, 1, []]);
      expect(root?.attributes["faas.invocation.id"]).toBe(outcome.requestId);
      for (const child of root?.children ?? [])
        expect(endOf(child)).toBeLessThanOrEqual(endOf(root as TraceNode) + 0.01);
      all[what] = { told: told(outcome), root: root && plain(root) };
    }
    expect(collector.traces()).toHaveLength(Object.keys(PLANS).length);
    return all;
  }

  it("gives by the middleware the answers, spans and exports that the wrapper gives", async () => {
    const [byMiddleware, byWrapper] = [
      await runAll("middy.handler"),
      await runAll("middy.wrapped"),
    ];
    expect(byMiddleware).toEqual(byWrapper);
  });

  it("tells what became of the records of a batch, as by the wrapper", async () => {
    const [byMiddleware, byWrapper] = await Promise.all(
      ["middy.batch", "middy.wrappedBatch"].map(async (handler) => {
        const { lambda, collector } = await start({ handler, env: provisioned });
        const outcome = await lambda.invoke(exampleEvent("sqs-batch"));
        await lambda.idle();
        return { outcome: told(outcome), roots: collector.traces()[0]?.roots.map(plain) };
      }),
    );
    expect(byMiddleware).toEqual(byWrapper);
    expect(byMiddleware?.roots).toMatchObject([
      { name: "process orders", children: [{}, { status: { code: "ERROR" } }, {}] },
    ]);
  });

  it("leaves once, after the response, with the init phase below the first", async () => {
    const { lambda, collector } = await start({ handler: "middy.handler" });
    const { promise, resolve } = Promise.withResolvers<{ status: number }>();
    collector.answer(() => promise);
    expect(await lambda.invoke({ before: "answers" })).toMatchObject({ status: "success" });
    expect(namesOf(collector)).toEqual([]);
    resolve({ status: 200 });
    await lambda.idle();
    expect(exportsOf(collector)).toEqual([["local", "init", "before"]]);
  });

  it("leaves before the response on request, save that an early answer is not waited with", async () => {
    const { lambda, collector } = await start({
      handler: "middy.handler",
      ...optionsOf({ flush: { when: "beforeResponse" } }),
    });
    for (const event of [{}, { handler: "throws" }]) {
      const before = collector.exports.length;
      await lambda.invoke(event);
      expect(collector.exports).toHaveLength(before + 1);
    }
    await lambda.invoke({ before: "answers" });
    await lambda.invoke({});
    expect(namesOf(collector).filter((name) => name === "local")).toHaveLength(4);
  });

  it("loses and doubles no span over 200 invocations that follow at once", async () => {
    const { lambda, collector } = await start({ handler: "middy.handler", env: provisioned });
    const plans = Object.values(PLANS);
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => lambda.invoke(plans[index % plans.length])),
    );
    await lambda.idle();
    const ids = collector.traces().map(({ roots: [root, ...others] }) => {
      expect(others).toEqual([]);
      return root?.attributes["faas.invocation.id"];
    });
    expect(ids).toEqual(outcomes.map(({ requestId }) => requestId));
  });

  it("is rescued before it times out", async () => {
    const { lambda, collector } = await start({ handler: "middy.handler", env: provisioned });
    const outcome = await lambda.invoke({ ms: 1_800 }, { timeoutMs: 2_000 });
    expect(outcome.status).toBe("timeout");
    expect(
      collector
        .spans()
        .map(({ name, status }) => `${name} ${status.code}`)
        .toSorted(),
    ).toEqual(["before ERROR", "local ERROR"]);
  });

  it("sends nothing where it is not sampled, and holds nobody up", async () => {
    const { lambda, collector } = await start({
      handler: "middy.handler",
      env: { ...provisioned, OTEL_TRACES_SAMPLER: "always_off" },
    });
    for (const event of Object.values(PLANS)) await lambda.invoke(event);
    await lambda.idle();
    expect(collector.exports).toEqual([]);
  });

  it("does nothing where tracing is disabled", async () => {
    const { lambda, collector } = await start({
      handler: "middy.handler",
      env: { ...provisioned, OTEL_SDK_DISABLED: "true" },
    });
    expect(await lambda.invoke({})).toMatchObject({ payload: { statusCode: 200 } });
    await lambda.idle();
    expect(collector.exports).toEqual([]);
  });

  it("is traced from the middleware on, and what comes before it is in no trace", async () => {
    const { lambda, collector } = await start({ handler: "middy.second", env: provisioned });
    for (const event of [{}, {}, { before: "answers" }, { handler: "throws" }, {}])
      await lambda.invoke(event);
    await lambda.idle();
    const trees = collector
      .traces()
      .map(({ roots }) =>
        roots.map(({ name, children }) => [name, ...children.map((child) => child.name)]),
      );
    const whole = [["local", "before", "handler", "after"]];
    expect(trees).toEqual([
      whole,
      whole,
      [["local", "before"]],
      [["local", "before", "handler", "onError"]],
      whole,
    ]);
  });

  it("is over for what called Middy, too, when its next invocation comes", async () => {
    const { lambda, collector } = await start({ handler: "middy.called", env: provisioned });
    for (const event of [{}, { before: "answers" }, { handler: "throws" }, {}])
      await lambda.invoke(event);
    await lambda.idle();
    expect(namesOf(collector)).not.toContain("outside");
    expect(collector.traces()).toHaveLength(4);
  });

  it("ends soon where Middy itself trips over what another one's onError throws", async () => {
    const { lambda, collector } = await start({ handler: "middy.frozen", env: provisioned });
    await lambda.invoke({ handler: "throws" }, { timeoutMs: 10_000 });
    await lambda.idle();
    expect(collector.traces()).toMatchObject([
      { roots: [{ name: "local", status: { code: "ERROR", message: "thrown by handler" } }] },
    ]);
  });

  it("does not mix with others that run at the same time on Managed Instances", async () => {
    const { lambda, collector } = await start({
      handler: "middy.handler",
      maxConcurrency: 8,
      env: { AWS_LAMBDA_NODEJS_WORKER_COUNT: "1" },
    });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        lambda.invoke({ ms: (index * 7) % 30, before: index % 4 ? undefined : "answers" }),
      ),
    );
    await waitForRoots(collector, outcomes.length);
    const trees = collector
      .traces()
      .map(({ roots }) =>
        roots.map(({ attributes, children }) =>
          [attributes["faas.invocation.id"], ...children.map(({ name }) => name)].join(" "),
        ),
      );
    const expected = outcomes.map(({ requestId }, index) => [
      `${requestId} before${index % 4 ? " handler after" : ""}`,
    ]);
    expect(trees.flat().toSorted()).toEqual(expected.flat().toSorted());
  });
});

async function waitForRoots(collector: Collector, count: number): Promise<void> {
  await vi.waitFor(() => expect(collector.traces()).toHaveLength(count), 10_000);
}

describe("a handler that a test calls by itself", () => {
  function traced(): { collector: Collector; use: ReturnType<typeof tracing> } {
    const collector = createCollector();
    const exporter = { url: "http://collector/v1/traces", fetch: collector.fetch };
    return { collector, use: tracing({ exporter, service: "shop" }) };
  }

  it("has sent its spans when it answers, also early", async () => {
    const { collector, use } = traced();
    const handler = middy()
      .use(use)
      .use({ before: ({ event }) => (event === "early" ? "now" : undefined) })
      .handler(() => span("work", () => "done"));
    const context = createFakeLambdaContext() as never;
    expect(await handler("event", context)).toBe("done");
    expect(namesOf(collector)).toEqual(["invoke", "work"]);
    expect(await handler("early", context)).toBe("now");
    await expect.poll(() => namesOf(collector)).toEqual(["invoke", "work", "invoke"]);
  });

  it("leaves nothing active in what called it, once it is over", async () => {
    const { collector, use } = traced();
    const handler = middy()
      .use(use)
      .handler(() => "done");
    await handler({}, createFakeLambdaContext() as never);
    await span("afterwards", async () => undefined);
    expect(namesOf(collector)).toEqual(["invoke"]);
  });

  it("keeps invocations that begin in the same tick apart", async () => {
    const { collector, use } = traced();
    const handler = middy<string, string>()
      .use(use)
      .handler((name) => span(name, async () => name));
    const names = ["one", "two", "three"];
    const context = createFakeLambdaContext() as never;
    expect(await Promise.all(names.map((name) => handler(name, context)))).toEqual(names);
    const trees = collector.traces().map(({ roots }) => roots.map(({ children }) => children));
    // Each leaves in a request of its own, and which arrives first is chance.
    expect(trees).toHaveLength(names.length);
    for (const name of names) expect(trees).toContainEqual([[expect.objectContaining({ name })]]);
  });

  it("runs under whatever is given as its context", async () => {
    const { collector, use } = traced();
    const handler = middy()
      .use(use)
      .handler(() => "done");
    for (const context of [undefined, {}, Object.freeze({ awsRequestId: 7 })])
      expect(await handler({}, context as never)).toBe("done");
    expect(collector.traces()).toHaveLength(3);
  });
});
