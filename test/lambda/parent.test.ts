import { InvokeStore, InvokeStoreBase } from "@aws/lambda-invoke-store";
import { createFakeLambdaContext } from "edgespan/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PARENT, exampleEvent, rootOf } from "./root-span.ts";

const SEGMENT = { traceId: "5759e988bd862e3fe1be46a994272793", spanId: "53995c3f42cd8ad8" };
const XRAY_TRACE = "1-5759e988-bd862e3fe1be46a994272793";
const header = (sampled: 0 | 1): string =>
  `Root=${XRAY_TRACE};Parent=${SEGMENT.spanId};Sampled=${sampled};Lineage=25:0eb9ee80:1`;

const STORED = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const CALLER = { traceId: "11111111111111111111111111111111", spanId: "2222222222222222" };
const w3c = ({ traceId, spanId }: typeof PARENT, flags = "01"): string =>
  `00-${traceId}-${spanId}-${flags}`;

const { TRACEPARENT, TRACESTATE } = InvokeStoreBase.PROTECTED_KEYS;

/** As a runtime client with store 0.3 does; that of aws-lambda-ric 4.0 is older and carries none. */
async function carried(fields: object, run: () => Promise<void>): Promise<void> {
  const store = await InvokeStore.getInstanceAsync();
  storeIs(store);
  await store.run(fields as never, run);
  // A sandbox has one store, which keeps what it was given.
  store.run({}, () => undefined);
}

function storeIs(store: unknown): void {
  vi.stubGlobal("awslambda", { InvokeStore: store });
}

const childOf = (parent: typeof PARENT): object => ({
  traceId: parent.traceId,
  parentSpanId: parent.spanId,
});
const linkTo = (to: typeof PARENT): object => ({ ...to, attributes: {} });

const withClientContext = (clientContext: unknown): never =>
  ({ ...createFakeLambdaContext(), clientContext }) as never;
const xrayParent = { lambda: { xrayParent: true } };

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

describe("the parent of an invocation", () => {
  it("is the caller's in the event, whatever else is there", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(1));
    const context = withClientContext({ custom: { traceparent: w3c(CALLER) } });
    await carried({ [TRACEPARENT]: w3c(STORED) }, async () => {
      const root = await rootOf(exampleEvent("sns"), context, undefined, xrayParent);
      expect(root).toMatchObject(childOf(PARENT));
    });
  });

  it.each(["custom", "Custom"])("is the caller's in the client context: %s", async (name) => {
    const context = withClientContext({ [name]: { traceparent: w3c(CALLER) } });
    await carried({ [TRACEPARENT]: w3c(STORED) }, async () => {
      expect(await rootOf({}, context)).toMatchObject(childOf(CALLER));
    });
  });

  it("is what Lambda carries, where the event names none", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(1));
    const fields = { [TRACEPARENT]: w3c(STORED), [TRACESTATE]: "shop=7" };
    await carried(fields, async () => {
      const root = await rootOf(exampleEvent("s3"), undefined, undefined, xrayParent);
      expect(root).toMatchObject({ ...childOf(STORED), traceState: "shop=7" });
    });
  });

  it("is what Lambda carries, where several records name several", async () => {
    await carried({ [TRACEPARENT]: w3c(STORED) }, async () => {
      const root = await rootOf(exampleEvent("sqs-batch"));
      expect([root, root.links.length]).toMatchObject([childOf(STORED), 2]);
    });
  });

  it("is a sampled segment of X-Ray's last of all, and only where that is configured", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(1));
    expect(await rootOf({}, undefined, undefined, xrayParent)).toMatchObject({
      ...childOf(SEGMENT),
      links: [],
      attributes: { "aws.xray.trace_id": XRAY_TRACE },
    });
  });

  it("is the segment that a message names, where that is configured", async () => {
    const [record] = (exampleEvent("sqs-batch")["Records"] as object[]).slice(1);
    const root = await rootOf({ Records: [record] }, undefined, undefined, xrayParent);
    expect(root).toMatchObject(childOf(SEGMENT));
  });

  it("is no segment that a message names, where it is not: that is a link", async () => {
    const [record] = (exampleEvent("sqs-batch")["Records"] as object[]).slice(1);
    const root = await rootOf({ Records: [record] });
    expect(root).toMatchObject({ parentSpanId: undefined, links: [SEGMENT] });
  });

  it("is no segment by default: it becomes a link and an attribute", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(1));
    expect(await rootOf({})).toMatchObject({
      parentSpanId: undefined,
      links: [linkTo(SEGMENT)],
      attributes: { "aws.xray.trace_id": XRAY_TRACE },
    });
  });

  it.each([{}, xrayParent])(
    "is nothing that X-Ray did not sample, which is traced all the same: %o",
    async (instrument) => {
      vi.stubEnv("_X_AMZN_TRACE_ID", header(0));
      expect(await rootOf({}, undefined, undefined, instrument)).toMatchObject({
        parentSpanId: undefined,
        links: [],
        attributes: { "aws.xray.trace_id": XRAY_TRACE },
      });
    },
  );

  it("is nothing that X-Ray did not sample, also where Lambda carries it in W3C's words", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(0));
    await carried({ [TRACEPARENT]: w3c(SEGMENT, "00") }, async () => {
      expect(await rootOf({})).toMatchObject({ parentSpanId: undefined });
    });
  });

  it("is the segment of this invocation, and not of another that runs at once", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(0).replaceAll("5", "6"));
    const context = { ...createFakeLambdaContext(), xRayTraceId: header(1) };
    expect(await rootOf({}, context)).toMatchObject({ links: [SEGMENT] });
  });

  it("is the segment by default where spans go to X-Ray", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(1));
    const toXray = { url: "https://xray.eu-central-1.amazonaws.com/v1/traces" };
    expect(await rootOf({}, undefined, undefined, {}, toXray)).toMatchObject(childOf(SEGMENT));
    const kept = { lambda: { xrayParent: false } };
    expect(await rootOf({}, undefined, undefined, kept, toXray)).toMatchObject({
      links: [SEGMENT],
    });
  });

  it("is nothing in the input of a task, unless that is asked for", async () => {
    for (const file of ["step-functions", "step-functions-datadog"])
      expect(await rootOf(exampleEvent(file))).toMatchObject({
        name: "invoke",
        parentSpanId: undefined,
        attributes: { "faas.trigger": "other" },
      });
  });

  it("is nothing where store, client context and header are broken", async () => {
    const fail = (): never => {
      throw new Error("trap");
    };
    const stores = [
      null,
      "text",
      { getTraceparent: fail, getXRayTraceId: fail },
      { getTraceparent: () => ({}), getXRayTraceId: () => 7 },
      new Proxy({}, { get: fail }),
    ];
    for (const store of stores) {
      storeIs(store);
      vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-no;Parent=;;Sampled=1");
      for (const client of [null, "text", { custom: "text" }, new Proxy({}, { get: fail })])
        expect(await rootOf({}, withClientContext(client), undefined, xrayParent)).toMatchObject({
          name: "invoke",
          parentSpanId: undefined,
          links: [],
        });
    }
  });
});
