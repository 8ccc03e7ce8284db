import { describe, expect, it } from "vitest";
import { entries, manifest, readText } from "./support/manifest.ts";
import { codeOf } from "./support/source.ts";

/** All that is public: a change here is a change of the API and belongs in the changelog. */
const PUBLIC = {
  edgespan: {
    values: ["ConfigError", "span", "stats"],
    types: [
      "BindingClasses",
      "BuiltInPropagator",
      "Clock",
      "DestinationStats",
      "DroppedSpans",
      "Endpoint",
      "ExporterName",
      "ExporterOption",
      "FetchLike",
      "FetchOptions",
      "FetchedBody",
      "FetchedResponse",
      "FlushOptions",
      "HeadSampler",
      "Headers",
      "InstrumentOptions",
      "Limits",
      "NamedPropagators",
      "Options",
      "OtlpExporterOptions",
      "ParentOptions",
      "PartialSuccess",
      "Payload",
      "Propagators",
      "Protocol",
      "QueueOptions",
      "RedactableSpan",
      "SamplingOptions",
      "Send",
      "SendResult",
      "ServiceOptions",
      "Stats",
      "TailSampler",
      "Transport",
      "Trust",
      "TrustRule",
      "WebSocketOptions",
      "WorkflowOptions",
    ],
  },
  "edgespan/worker": {
    values: [
      "instrument",
      "instrumentDurableObject",
      "instrumentEntrypoint",
      "instrumentWorkflow",
      "traceMessage",
      "traceRpc",
    ],
    types: ["EntrypointClass", "EnvOf", "EnvOfClass", "RpcOptions", "WorkerOptions"],
  },
  "edgespan/aws": { values: ["instrumentAwsClient"], types: ["AwsClient", "AwsClientOptions"] },
  "edgespan/bindings": { values: ["moreBindings", "webSockets"], types: ["BindingClasses"] },
  "edgespan/powertools": {
    values: [
      "Segment",
      "Subsegment",
      "bridgeTracer",
      "captureAWS",
      "captureAWSClient",
      "captureAWSv3Client",
      "captureAsyncFunc",
      "captureFunc",
      "captureHTTPsGlobal",
      "default",
      "getNamespace",
      "getSegment",
      "setContextMissingStrategy",
      "setDaemonAddress",
      "setLogger",
      "setSegment",
    ],
    types: ["PowertoolsTracer"],
  },
  "edgespan/middy": { values: ["tracing"], types: ["MiddyMiddleware", "MiddyRequest"] },
  "edgespan/node-http": { values: ["instrumentNodeHttp"], types: [] },
  "edgespan/xray": {
    values: ["awsSigned", "xrayIds"],
    types: ["AwsCredentials", "AwsSignedOptions"],
  },
  "edgespan/sampling": {
    values: ["always", "never", "probability", "rateLimited", "rules", "tail"],
    types: [
      "AttributeCondition",
      "Conditions",
      "HeadSampler",
      "RateLimitOptions",
      "SamplerOptions",
      "SamplingRule",
      "TailOptions",
      "TailRule",
      "TailSampler",
    ],
  },
  "edgespan/lambda": { values: ["traceRecord", "wrapHandler"], types: [] },
  "edgespan/hono": { values: ["tracing"], types: ["HonoContext"] },
  "edgespan/protobuf": { values: ["protobuf"], types: ["PartialSuccess", "Protocol"] },
  "edgespan/capture": { values: ["capture"], types: ["Capture", "CaptureOptions"] },
  "edgespan/propagation": {
    values: [
      "amqpHeaders",
      "extract",
      "inject",
      "kafkaHeaders",
      "messageAttributes",
      "nodeHeaders",
    ],
    types: ["TextCarrier"],
  },
  "edgespan/propagators": { values: ["b3", "b3multi", "jaeger", "xray", "xray-lambda"], types: [] },
  "edgespan/grpc": { values: ["grpc"], types: ["PartialSuccess", "Protocol"] },
  "edgespan/testing": {
    values: [
      "createCollector",
      "createFakeExecutionContext",
      "createFakeLambdaContext",
      "createManualClock",
      "formatTrace",
      "serveCollector",
      "startLambda",
    ],
    types: [
      "Answer",
      "CollectedExport",
      "CollectedSpan",
      "Collector",
      "FakeExecutionContext",
      "FakeLambdaContext",
      "FunctionUrl",
      "InvokeOptions",
      "LambdaError",
      "LambdaOptions",
      "LambdaOutcome",
      "LocalLambda",
      "ManualClock",
      "ServedCollector",
      "TraceNode",
      "TraceTree",
    ],
  },
};

it("the published names are these and no others", async () => {
  const found = await Promise.all(
    entries.map(async ({ specifier, file }) => {
      const values = Object.keys((await import(specifier)) as object).toSorted();
      return [specifier, { values, types: declaredNames(file).types }];
    }),
  );
  expect(Object.fromEntries(found)).toEqual(PUBLIC);
});

it("package.json maps each subpath to one file of dist, without conditions", () => {
  const { "./package.json": self, ...code } = manifest.exports;
  expect(self).toBe("./package.json");
  for (const [subpath, target] of Object.entries(code))
    expect(target).toBe(`./dist/${subpath === "." ? "index" : subpath.slice(2)}.js`);
});

describe.each(entries)("$specifier", ({ specifier, file }) => {
  it("is one file directly under src that only re-exports", () => {
    const reExport = /export (?:type )?(?:\{[^}]*\}|\*) from "\.\/[^"]+";/g;
    expect(codeOf(`${file}.ts`).replaceAll(reExport, "").trim()).toBe("");
  });

  it("declares the values that it has at run time", async () => {
    const values = Object.keys((await import(specifier)) as object).toSorted();
    expect(declaredNames(file).values).toEqual(values);
  });
});

/** The names that an entry's declaration file exports. */
function declaredNames(file: string): { values: string[]; types: string[] } {
  const declared = readText(`dist/${file}.d.ts`).matchAll(/export (type )?\{([^}]*)\} from/g);
  const names = [...declared].flatMap(([, allTypes = "", list = ""]) =>
    list
      .split(",")
      .flatMap((name) => (name.trim() ? [allTypes + name.trim().replace(/^\w+ as |"/g, "")] : [])),
  );
  return {
    values: names.filter((name) => !name.startsWith("type ")).toSorted(),
    types: names
      .filter((name) => name.startsWith("type "))
      .map((name) => name.slice("type ".length))
      .toSorted(),
  };
}
