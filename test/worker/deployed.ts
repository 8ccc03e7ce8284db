/** A whole Worker that the platform itself invokes: real requests, a real `ctx`. */
import {
  DurableObject,
  WorkflowEntrypoint,
  type WorkflowEvent,
  type WorkflowStep,
} from "cloudflare:workers";
import { span } from "edgespan";
import { createCollector } from "edgespan/testing";
import { instrument, instrumentWorkflow } from "edgespan/worker";
import { type FetchHandler, exporterOf, sleep } from "./invoke.ts";

export const collector = createCollector();

/** Handlers that a test adds: a request names one in its header `x-handler`. */
export const handlers: Map<string, FetchHandler> = new Map();

const handler = () => ({
  async fetch(request: Request, _env: unknown, ctx: ExecutionContext): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/taken-off") {
      const { waitUntil, passThroughOnException } = ctx;
      return Response.json([
        attempt(() => waitUntil(sleep(1))),
        attempt(() => passThroughOnException()),
        attempt(() => ctx.passThroughOnException()),
      ]);
    }
    if (pathname === "/throw") throw new RangeError("thrown inside");
    if (pathname === "/background") ctx.waitUntil(span("background", () => sleep(10)));
    return new Response(pathname);
  },
});
const bare = handler();

let traced: typeof bare | undefined;

/** The bodies of messages, as the handler of their queue got them: that of `orders` is instrumented. */
export const consumed: { queue: string; body: unknown }[] = [];

const consumer = {
  queue({ queue, messages }: MessageBatch, _env: unknown, _ctx: ExecutionContext): void {
    consumed.push(...messages.map(({ body }) => ({ queue, body })));
    const again = messages.filter(({ body, attempts }) => attempts === 1 && body === "again");
    for (const message of again) message.retry({ delaySeconds: 1 });
  },
};
let tracedConsumer: typeof consumer | undefined;

/**
 * Answers untraced where the request asks for it, so that both can be compared. Each test
 * file loads this module first, and some need an isolate in which nothing is instrumented.
 */
export default {
  fetch(request, env, ctx) {
    const own = handlers.get(request.headers.get("x-handler") ?? "");
    if (own) return own.fetch(request, env, ctx);
    traced ??= instrument(handler(), {
      exporter: { url: "http://collector.test/v1/traces", fetch: collector.fetch },
    });
    return (request.headers.has("x-bare") ? bare : traced).fetch(request, env, ctx);
  },
  queue(batch, env, ctx) {
    if (batch.queue !== "orders") return consumer.queue(batch, env, ctx);
    tracedConsumer ??= instrument({ queue: consumer.queue }, exporterOf(collector));
    return tracedConsumer.queue(batch, env, ctx);
  },
} satisfies ExportedHandler;

export { Cart, Prices } from "./classes/classes.ts";
export { Ledger, PlainLedger } from "./classes/ledger.ts";
export { Booth, DeafRoom, PlainRoom, QuietRoom, Room } from "./sockets/room.ts";

/** Its context can be ended by a test while work is under way. */
export class Mortal extends DurableObject {}

function attempt(run: () => void): string {
  try {
    run();
    return "ran";
  } catch (error) {
    return String(error);
  }
}

/** What the runs of `Fulfilment` do, by the id of the instance; a test says it. */
export const runs: Map<
  string,
  (event: WorkflowEvent<unknown>, step: WorkflowStep) => Promise<unknown>
> = new Map();

export const Fulfilment = instrumentWorkflow(
  class Fulfilment extends WorkflowEntrypoint {
    override run(event: WorkflowEvent<unknown>, step: WorkflowStep): Promise<unknown> {
      const run = runs.get(event.instanceId);
      if (!run) throw new Error("no run is known by this id");
      return run(event, step);
    }
  },
  { exporter: { url: "http://collector.test/v1/traces", fetch: collector.fetch } },
);
