import { createCollector, type LambdaOutcome, serveCollector, startLambda } from "edgespan/testing";
import { expect, it } from "vitest";
import { type Client, underEachClient, underNode22, underNode24 } from "./clients.ts";

const taskRoot = `${import.meta.dirname}/fixtures`;

/** Invokes a fixture; answers what Lambda and what the backend got. */
async function outcomeOf(handler: string, event: unknown, client: Client) {
  const collector = createCollector();
  await using backend = await serveCollector(collector);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint, ...client.env };
  await using lambda = await startLambda({ handler, taskRoot, ...client, env });
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
  silent: {},
  failing: { message: "too far" },
  throwsText: {},
};

/** What the handler itself answers, what it answers wrapped, and how many traces that leaves. */
async function compared(name: string, event: unknown, client: Client): Promise<unknown[]> {
  const bare = await outcomeOf(`answers.${name}`, event, client);
  const wrapped = await outcomeOf(`wrapped.${name}`, event, client);
  return [bare.told, wrapped.told, wrapped.traces.length];
}

underNode24("a wrapped handler that returns no promise", (client) => {
  it.concurrent("answers as the handler itself", async () => {
    const [bare, ...wrapped] = await compared("sync", { value: 21 }, client);
    expect(wrapped).toEqual([bare, 1]);
  });
});

underEachClient("a wrapped handler", (client) => {
  it.concurrent.each(Object.entries(EVENTS))(
    "answers as the handler itself: %s",
    async (name, event) => {
      const [bare, ...wrapped] = await compared(name, event, client);
      expect(wrapped).toEqual([bare, 1]);
    },
  );

  it.concurrent("makes a callback handler work where the runtime gives no callback", async () => {
    const wrapped = await outcomeOf("wrapped.callback", {}, client);
    expect(wrapped.told).toBe("called back");
    expect(wrapped.traces).toMatchObject([
      { roots: [{ name: "local", status: { code: "UNSET" } }] },
    ]);
  });

  it.concurrent("nests the spans of a callback handler", async () => {
    const { told: answer, traces } = await outcomeOf("wrapped.nests", {}, client);
    expect(answer).toBe("called back");
    expect(traces).toMatchObject([
      { roots: [{ name: "local", children: [{ name: "init" }, { name: "within" }] }] },
    ]);
  });
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

underNode22("a wrapped handler of the old kinds", (client) => {
  it.concurrent.each(["neverCalledBack", "hangs", "succeedsWithNoJson", ...Object.keys(NODE_22)])(
    "answers as the handler itself: %s",
    async (name) => {
      const bare = await outcomeOf(`common.${name}`, {}, client);
      const wrapped = await outcomeOf(`wrapped.${name}`, {}, client);
      expect(wrapped.told).toEqual(bare.told);
    },
  );

  it.concurrent.each(Object.entries(NODE_22))("is traced: %s", async (name, code) => {
    const { traces } = await outcomeOf(`wrapped.${name}`, {}, client);
    expect(traces).toMatchObject([{ roots: [{ name: "local", status: { code } }] }]);
  });
});
