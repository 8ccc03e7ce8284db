/** A fixture of test/lambda/fixtures in the local Lambda, under each runtime client, with a backend of its own. */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Collector,
  createCollector,
  type LambdaOptions,
  type LambdaOutcome,
  type LocalLambda,
  serveCollector,
  startLambda,
} from "edgespan/testing";
import { aroundEach, onTestFinished, type TestContext } from "vitest";
import * as clients from "./clients.ts";

export interface Running {
  readonly lambda: LocalLambda;
  readonly collector: Collector;
}

type Start = (options?: Partial<LambdaOptions>) => Promise<Running>;
type Declare = (title: string, tests: (start: Start) => void) => void;

/** Which test it is, of those that run together. */
const current = new AsyncLocalStorage<TestContext>();

/** Has the tests run together: most of their time is waited, for processes and for deadlines. */
const declaring =
  (declare: typeof clients.underEachClient): Declare =>
  (title, tests) => {
    const together = (client: clients.Client): void => {
      aroundEach((run, test) => current.run(test, run));
      tests(startUnder(client));
    };
    declare(title, together, { concurrent: true });
  };

/** Declares the tests once for each runtime client. */
export const underEachClient: Declare = declaring(clients.underEachClient);

/** Declares tests of what only AWS's own client has. */
export const underAwsClient: Declare = declaring(clients.underAwsClient);

/** Declares tests that take long, once. */
export const underOneClient: Declare = declaring(clients.underOneClient);

/** Declares tests of what Node 22 and older had. */
export const underNode22: Declare = declaring(clients.underNode22);

/** Starts fixtures under one runtime client, until the test is over. */
export const startUnder =
  (client: clients.Client): Start =>
  async (options = {}) => {
    const whenOver = current.getStore()?.onTestFinished ?? onTestFinished;
    const collector = createCollector();
    const { endpoint, close } = await serveCollector(collector);
    whenOver(close);
    const lambda = await startLambda({
      handler: "life.handler",
      taskRoot: `${import.meta.dirname}/fixtures`,
      ...client,
      ...options,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...client.env, ...options.env },
    });
    whenOver(() => lambda.close());
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
