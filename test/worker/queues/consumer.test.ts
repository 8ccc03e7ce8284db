/** An instrumented consumer gets the bodies that were sent, whatever else is on or off. */
import {
  createExecutionContext,
  createMessageBatch,
  env,
  waitOnExecutionContext,
} from "cloudflare:test";
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Options } from "edgespan";
import { instrument, instrumentEntrypoint } from "edgespan/worker";
import { beforeEach, describe, expect, it, test, vi } from "vitest";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const sealed = (body: unknown): object => ({ traceparent: TRACEPARENT, edgespan: 1, body });

describe("an instrumented consumer gets the body that was sent", () => {
  let bodies: unknown[] = [];
  beforeEach(() => {
    bodies = [];
  });
  const queue = (batch: MessageBatch, _env: unknown, _ctx: ExecutionContext): void => {
    bodies = batch.messages.map(({ body }) => body);
  };
  const batchOf = (...sent: unknown[]): MessageBatch =>
    createMessageBatch(
      "mails",
      sent.map((body, index) => ({ id: `${index}`, timestamp: new Date(0), attempts: 1, body })),
    );

  test.each<[string, Options]>([
    ["tracing is disabled", { disabled: true }],
    ["nothing is sampled", { sampling: { head: { shouldSample: () => ({ decision: 0 }) } } }],
    ["its options are wrong, in production", { strict: false, service: 7 as never }],
    ["it reads other propagators", { propagators: [] }],
  ])("where %s", async (_what, chosen) => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const worker = instrument({ queue }, { exporter: "none", ...chosen });
    const ctx = createExecutionContext();
    worker.queue(batchOf(sealed("a"), "b"), env, ctx);
    await waitOnExecutionContext(ctx);
    expect(bodies).toEqual(["a", "b"]);
  });

  it("where it is a class that extends WorkerEntrypoint", async () => {
    const Consumer = instrumentEntrypoint(
      class extends WorkerEntrypoint {
        override queue(batch: MessageBatch): void {
          bodies = batch.messages.map(({ body }) => body);
        }
      },
      { exporter: "none" },
    );
    const ctx = createExecutionContext();
    new Consumer(ctx as never, env as never).queue(batchOf(sealed("a")));
    await waitOnExecutionContext(ctx);
    expect(bodies).toEqual(["a"]);
  });

  it("once: a body that is an envelope itself is what was sent", async () => {
    const inner = sealed("inner");
    const batch = batchOf(sealed(inner));
    const worker = instrument({ queue }, { exporter: "none" });
    for (let deliveries = 0; deliveries < 2; deliveries++) {
      const ctx = createExecutionContext();
      worker.queue(batch, env, ctx);
      await waitOnExecutionContext(ctx);
      expect(bodies).toEqual([inner]);
    }
  });

  it("from messages that are literals of a test, and also frozen ones are handed on", async () => {
    const literal = { id: "1", body: sealed("a") };
    const frozen = Object.freeze({ id: "2", body: sealed("b") });
    const worker = instrument({ queue }, { exporter: "none" });
    const batch: unknown = { queue: "mails", messages: [literal, frozen] };
    worker.queue(batch as MessageBatch, env, createExecutionContext());
    expect(bodies).toEqual(["a", sealed("b")]);
  });
});
