import {
  type CollectedSpan,
  createCollector,
  type LocalLambda,
  serveCollector,
  startLambda,
} from "edgespan/testing";
import { expect, it, onTestFinished } from "vitest";
import { EXPECTED } from "./events/expected.ts";
import { PARENT, exampleEvent } from "./root-span.ts";
import { type Client, underEachClient } from "./clients.ts";

interface Running {
  readonly lambda: LocalLambda;
  /** The spans of one invocation. */
  spansOf(...call: Parameters<LocalLambda["invoke"]>): Promise<CollectedSpan[]>;
}

async function run(handler: string, client: Client): Promise<Running> {
  const collector = createCollector();
  const { endpoint, close } = await serveCollector(collector);
  onTestFinished(close);
  // Without it nobody knows of an init phase, whose span only the first trace would have.
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, AWS_LAMBDA_INITIALIZATION_TYPE: undefined };
  const taskRoot = `${import.meta.dirname}/fixtures`;
  const lambda = await startLambda({ ...client, handler, taskRoot, env });
  onTestFinished(() => lambda.close());
  return {
    lambda,
    async spansOf(...call) {
      await lambda.idle();
      collector.reset();
      expect(await lambda.invoke(...call)).toMatchObject({ status: "success" });
      return collector.waitForSpans(1);
    },
  };
}

underEachClient("a wrapped handler", (client) => {
  it("recognises every event that AWS documents", async () => {
    const { spansOf } = await run("wrapped.silent", client);
    // Those of Step Functions are as any other unless options say more.
    const files = Object.keys(EXPECTED).filter((file) => !file.startsWith("step-functions"));
    for (const file of files) {
      const { name = "local", kind = "SERVER", trigger, parent } = EXPECTED[file] ?? {};
      const [root, ...others] = await spansOf(exampleEvent(file));
      expect([file, others, root?.name, root?.kind]).toEqual([file, [], name, kind]);
      expect(root).toMatchObject({
        attributes: { "faas.trigger": trigger },
        parentSpanId: parent?.spanId,
      });
    }
  });

  it("continues the trace that a direct call has in its client context", async () => {
    const { spansOf } = await run("wrapped.silent", client);
    const custom = { traceparent: `00-${PARENT.traceId}-${PARENT.spanId}-01` };
    const [root] = await spansOf({ order: 7 }, { clientContext: { custom } });
    expect(root).toMatchObject({ traceId: PARENT.traceId, parentSpanId: PARENT.spanId });
  });

  it("links to the segment that X-Ray sampled, and traces what it did not", async () => {
    const { spansOf } = await run("wrapped.silent", client);
    const id = "1-5759e988-bd862e3fe1be46a994272793";
    for (const sampled of [1, 0]) {
      const traceHeader = `Root=${id};Parent=53995c3f42cd8ad8;Sampled=${sampled}`;
      const [root] = await spansOf({}, { traceHeader });
      expect(root).toMatchObject({
        parentSpanId: undefined,
        attributes: { "aws.xray.trace_id": id },
        links: sampled ? [{ spanId: "53995c3f42cd8ad8" }] : [],
      });
    }
  });

  it("answers with batchItemFailures as they are, marked on the spans of their records", async () => {
    const { lambda, spansOf } = await run("wrapped.records", client);
    const event = exampleEvent("sqs-batch");
    const ids = (event["Records"] as { messageId: string }[]).map((record) => record.messageId);
    const batchItemFailures = ids.slice(1).map((itemIdentifier) => ({ itemIdentifier }));
    expect(await lambda.invoke(event)).toMatchObject({ payload: { batchItemFailures } });
    const [root, ...records] = await spansOf(event);
    expect(root).toMatchObject({ name: "process orders", status: { code: "UNSET" } });
    expect(records).toMatchObject(
      ids.map((id, index) => ({
        parentSpanId: root?.spanId,
        attributes: { "messaging.message.id": id },
        status: { code: index ? "ERROR" : "UNSET" },
      })),
    );
  });
});
