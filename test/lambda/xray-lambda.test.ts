/** `OTEL_PROPAGATORS=xray-lambda`: Lambda's own segment as the parent, within the parent policy. */
import { wrapHandler } from "edgespan/lambda";
import * as propagation from "edgespan/propagation";
import * as propagators from "edgespan/propagators";
import { type CollectedSpan, createCollector, createFakeLambdaContext } from "edgespan/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PARENT, exampleEvent } from "./root-span.ts";

type Ids = typeof PARENT;

const SEGMENT = { traceId: "5759e988bd862e3fe1be46a994272793", spanId: "53995c3f42cd8ad8" };
const CALLER = { traceId: "11111111111111111111111111111111", spanId: "2222222222222222" };

const header = ({ traceId, spanId }: Ids, sampled: 0 | 1 = 1): string =>
  `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${sampled}`;
const http = { ...exampleEvent("api-gateway-v2"), headers: { "x-amzn-trace-id": header(CALLER) } };

/** The root span of an invocation, and the context that it hands on. */
async function invoked(
  names: string,
  event: unknown,
  xrayParent?: boolean,
): Promise<{ root: CollectedSpan; handedOn: unknown }> {
  vi.stubEnv("OTEL_PROPAGATORS", names);
  const collector = createCollector();
  const handler = wrapHandler(
    async (_event: unknown, _context: unknown) => propagation.inject({}),
    {
      exporter: { url: "http://collector/v1/traces", fetch: collector.fetch },
      instrument: { lambda: { ...(xrayParent !== undefined && { xrayParent }) } },
      propagators,
    },
  );
  const handedOn = await handler(event, createFakeLambdaContext());
  const [root] = collector.spans();
  if (!root) throw new Error("the invocation left no span");
  return { root, handedOn };
}

afterEach(() => vi.unstubAllEnvs());

describe("the propagator xray-lambda", () => {
  it("makes the segment of the invocation the parent, and hands X-Ray's header on", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(SEGMENT));
    const { root, handedOn } = await invoked("xray-lambda", {});
    expect(root).toMatchObject({
      traceId: SEGMENT.traceId,
      parentSpanId: SEGMENT.spanId,
      links: [],
    });
    expect(handedOn).toEqual({ "x-amzn-trace-id": header(root) });
  });

  it.each<[string, string, unknown, Ids | undefined, boolean?]>([
    ["the caller's of X-Ray in the event", "xray-lambda", http, CALLER],
    ["the caller's of W3C in the event", "xray-lambda,tracecontext", exampleEvent("sns"), PARENT],
    ["the segment, where the event names none", "xray-lambda", exampleEvent("s3"), SEGMENT],
    ["nothing, where code forbids it", "xray-lambda", {}, undefined, false],
    ["nothing by xray alone", "xray", {}, undefined],
    ["the segment by xray, where code asks for it", "xray", {}, SEGMENT, true],
    ["nothing by others", "tracecontext", {}, undefined],
  ])("leaves it to the policy: %s (%s)", async (_, names, event, parent, xrayParent) => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(SEGMENT));
    const { root } = await invoked(names, event, xrayParent);
    const expected = parent && { traceId: parent.traceId, parentSpanId: parent.spanId };
    expect(root).toMatchObject(expected ?? { parentSpanId: undefined });
  });

  it("does not let X-Ray silence anybody", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", header(SEGMENT, 0));
    const { root } = await invoked("xray-lambda", {});
    expect(root.parentSpanId).toBeUndefined();
  });

  it("links the records of a batch to the segments that they name", async () => {
    const { root } = await invoked("xray-lambda", exampleEvent("sqs-batch"));
    expect(root.links).toMatchObject([SEGMENT]);
  });

  it("is missing without its import, and the error names that", () => {
    vi.stubEnv("OTEL_PROPAGATORS", "xray-lambda");
    expect(() => wrapHandler(() => undefined)).toThrow(
      'OTEL_PROPAGATORS "xray-lambda" is not built in; use tracecontext, baggage, none, or options.propagators of "edgespan/propagators"',
    );
  });
});
