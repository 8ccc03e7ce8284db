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
import { onTestFinished } from "vitest";
import * as clients from "./clients.ts";

export interface Running {
  readonly lambda: LocalLambda;
  readonly collector: Collector;
}

type Start = (options?: Partial<LambdaOptions>) => Promise<Running>;

/** Declares the tests once for each runtime client. */
export function underEachClient(title: string, tests: (start: Start) => void): void {
  clients.underEachClient(title, (client) => tests(startUnder(client)));
}

/** Declares tests that take long, once. */
export function underOneClient(title: string, tests: (start: Start) => void): void {
  clients.underOneClient(title, (client) => tests(startUnder(client)));
}

/** Declares tests of what Node 22 and older had. */
export function underNode22(title: string, tests: (start: Start) => void): void {
  clients.underNode22(title, (client) => tests(startUnder(client)));
}

/** Starts fixtures under one runtime client. */
export const startUnder =
  (client: clients.Client): Start =>
  async (options = {}) => {
    const collector = createCollector();
    const { endpoint, close } = await serveCollector(collector);
    onTestFinished(close);
    const lambda = await startLambda({
      handler: "life.handler",
      taskRoot: `${import.meta.dirname}/fixtures`,
      ...client,
      ...options,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...client.env, ...options.env },
    });
    onTestFinished(() => lambda.close());
    return { lambda, collector };
  };

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
