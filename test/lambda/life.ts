/** A fixture of test/lambda/fixtures in the local Lambda, under each runtime client, with a backend of its own. */
import {
  type Collector,
  createCollector,
  type LambdaOptions,
  type LambdaOutcome,
  type LocalLambda,
  serveCollector,
  startLambda,
} from "edgespan/testing";
import { describe, onTestFinished } from "vitest";
import { runtimeClientPath } from "./runtime-client/index.ts";

export interface Running {
  readonly lambda: LocalLambda;
  readonly collector: Collector;
}

const ric = runtimeClientPath();
const absence = ric === undefined ? " (skipped: it is not built, npm ci says why)" : "";

type Start = (options?: Partial<LambdaOptions>) => Promise<Running>;

/** Declares the tests once for each runtime client. */
export function underEachClient(title: string, tests: (start: Start) => void): void {
  describe.skipIf(ric === undefined)(`${title}, under aws-lambda-ric${absence}`, () => {
    tests((options) => start({ ...(ric && { runtimeClient: ric }), ...options }));
  });
  describe(`${title}, under the built-in client`, () => {
    tests(start);
  });
}

export async function start(options: Partial<LambdaOptions> = {}): Promise<Running> {
  const collector = createCollector();
  const { endpoint, close } = await serveCollector(collector);
  onTestFinished(close);
  const lambda = await startLambda({
    handler: "life.handler",
    taskRoot: `${import.meta.dirname}/fixtures`,
    ...options,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...options.env },
  });
  onTestFinished(() => lambda.close());
  return { lambda, collector };
}

export const flushing = (flush: object): { env: Record<string, string> } => ({
  env: { FLUSH: JSON.stringify(flush) },
});

export const namesOf = (collector: Collector): string[] =>
  collector.spans().map(({ name }) => name);

/** The names of the spans of each export. */
export const exportsOf = (collector: Collector): string[][] =>
  collector.exports.map(({ spans }) => spans.map(({ name }) => name));

export function payloadOf(outcome: LambdaOutcome): Record<string, unknown> {
  if (outcome.status !== "success") throw new Error(`no payload: ${JSON.stringify(outcome)}`);
  return outcome.payload as Record<string, unknown>;
}
