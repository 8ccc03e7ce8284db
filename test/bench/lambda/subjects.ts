/** The same function, traced by each library in the way that its documentation has it. */
import type { BuildOptions } from "esbuild";

const WORK = `const work = async () => ({ statusCode: 200, body: "ok" });`;

export interface LambdaSubject {
  /** The module of the handler. */
  readonly code: string;
  /** What is loaded before it, where the library demands that. */
  readonly before?: string;
  /** Whether it needs what only \`peers/\` has. */
  readonly isPeer?: boolean;
  readonly build?: BuildOptions;
}

export const SUBJECTS: Readonly<Record<string, LambdaSubject>> = {
  bare: { code: `${WORK} export const handler = work;` },
  edgespan: {
    code: `import { wrapHandler } from "edgespan/lambda"; ${WORK} export const handler = wrapHandler(work);`,
  },
  "SDK + OTLP by hand": {
    isPeer: true,
    code: `
      import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
      import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
      const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })] });
      const tracer = provider.getTracer("bench");
      ${WORK}
      export const handler = async () => {
        const span = tracer.startSpan("invoke");
        try { return await work(); } finally { span.end(); await provider.forceFlush(); }
      };`,
  },
  "Powertools Tracer (X-Ray)": {
    code: `
      import { Tracer } from "@aws-lambda-powertools/tracer";
      import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
      import middy from "@middy/core";
      ${WORK}
      export const handler = middy(work).use(captureLambdaHandler(new Tracer()));`,
  },
  "sdk-node + instrumentation-aws-lambda": {
    isPeer: true,
    build: { format: "cjs" },
    before: `
      const { AwsLambdaInstrumentation } = require("@opentelemetry/instrumentation-aws-lambda");
      const { NodeSDK } = require("@opentelemetry/sdk-node");
      new NodeSDK({ instrumentations: [new AwsLambdaInstrumentation()] }).start();`,
    code: `${WORK} exports.handler = work;`,
  },
};
