import {
  createCollector,
  type LambdaOptions,
  type LambdaOutcome,
  serveCollector,
  startLambda,
} from "edgespan/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { runtimeClientPath } from "./runtime-client/index.ts";

const ric = runtimeClientPath();
const taskRoot = `${import.meta.dirname}/fixtures`;
const absence = ric === undefined ? " (skipped: it is not built, npm ci says why)" : "";

/** Invokes a fixture; answers what Lambda and what the backend got. */
async function outcomeOf(handler: string, event: unknown, options: Partial<LambdaOptions>) {
  const collector = createCollector();
  const { endpoint, close } = await serveCollector(collector);
  onTestFinished(close);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...options.env };
  const lambda = await startLambda({ handler, taskRoot, ...options, env });
  onTestFinished(() => lambda.close());
  const outcome = await lambda.invoke(event);
  await lambda.idle();
  return { told: told(outcome), traces: collector.traces(), output: lambda.output() };
}

function told(outcome: LambdaOutcome): unknown {
  if (outcome.status === "success") {
    const { pid: _, ...payload } = Object(outcome.payload) as Record<string, unknown>;
    return typeof outcome.payload === "object" && outcome.payload ? payload : outcome.payload;
  }
  if (outcome.status !== "error") return outcome;
  const { errorType, errorMessage } = outcome.error;
  return { errorType, errorMessage };
}

const EVENTS: Record<string, unknown> = {
  echo: { name: "Zoë" },
  sync: { value: 21 },
  silent: {},
  failing: { message: "too far" },
  throwsText: {},
};

function answersAsUnwrapped(client: Partial<LambdaOptions>): void {
  it.each(Object.entries(EVENTS))("answers as the handler itself: %s", async (name, event) => {
    const bare = await outcomeOf(`answers.${name}`, event, client);
    const wrapped = await outcomeOf(`wrapped.${name}`, event, client);
    expect(wrapped.told).toEqual(bare.told);
    expect(wrapped.traces).toHaveLength(1);
  });

  it("makes a callback handler work where the runtime gives no callback", async () => {
    const wrapped = await outcomeOf("wrapped.callback", {}, client);
    expect(wrapped.told).toBe("called back");
    expect(wrapped.traces).toMatchObject([
      { roots: [{ name: "local", status: { code: "UNSET" } }] },
    ]);
  });

  it("nests the spans of a callback handler", async () => {
    const { told: answer, traces } = await outcomeOf("wrapped.nests", {}, client);
    expect(answer).toBe("called back");
    expect(traces).toMatchObject([
      { roots: [{ name: "local", children: [{ name: "init" }, { name: "within" }] }] },
    ]);
  });
}

describe.skipIf(ric === undefined)(`a wrapped handler under aws-lambda-ric${absence}`, () => {
  answersAsUnwrapped(ric === undefined ? {} : { runtimeClient: ric });
});

describe("a wrapped handler under the built-in client", () => {
  answersAsUnwrapped({});
});

/** Handlers that answer by their callback, their context or a promise, and the status of their span. */
const NODE_22: Record<string, "UNSET" | "ERROR"> = {
  calledBack: "UNSET",
  calledBackWithError: "ERROR",
  doesNotWait: "UNSET",
  waits: "UNSET",
  done: "UNSET",
  doneWithError: "ERROR",
  succeeds: "UNSET",
  fails: "ERROR",
  failsWithNothing: "ERROR",
  promises: "UNSET",
  rejects: "ERROR",
  succeedsBeforeItEnds: "UNSET",
  neverSettles: "UNSET",
  calledBackFirst: "UNSET",
};

describe("a wrapped handler of the old kinds on Node 22", () => {
  const asNode22 = { env: { AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" } };

  it.each(["neverCalledBack", ...Object.keys(NODE_22)])(
    "answers as the handler itself: %s",
    async (name) => {
      const bare = await outcomeOf(`common.${name}`, {}, asNode22);
      const wrapped = await outcomeOf(`wrapped.${name}`, {}, asNode22);
      expect(wrapped.told).toEqual(bare.told);
    },
  );

  it.each(Object.entries(NODE_22))("is traced: %s", async (name, code) => {
    const { traces } = await outcomeOf(`wrapped.${name}`, {}, asNode22);
    expect(traces).toMatchObject([{ roots: [{ name: "local", status: { code } }] }]);
  });
});
