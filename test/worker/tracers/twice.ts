/** The same handler and the same classes instrumented twice, and several of them with options of their own. */
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { span } from "edgespan";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace";
import { instrument, instrumentDurableObject, instrumentEntrypoint } from "edgespan/worker";
import { type Env, handler, work } from "./handler.ts";

class PlainDesk extends WorkerEntrypoint<Env> {
  override async fetch(): Promise<Response> {
    return span("desk.work", async () => new Response(await this.env.KV.get("desk")));
  }
}
class PlainRoom extends DurableObject<Env> {
  override async fetch(): Promise<Response> {
    return new Response(await this.env.KV.get("room"));
  }
}

export const Desk = instrumentEntrypoint(instrumentEntrypoint(PlainDesk, { service: "inner" }), {
  service: "desk",
});
export const Room = instrumentDurableObject(PlainRoom, { service: "room", disabled: true });

const twice = instrument(instrument(handler(), { service: "inner" }), { service: "outer" });
const other = instrument(handler(), { service: "other", instrument: { fetch: false } });
const never = instrument(handler(), {
  service: "never",
  sampling: { head: new AlwaysOffSampler() },
});
const room = instrument(
  { fetch: async (_: Request, env: Env) => env.ROOMS.getByName("one").fetch("http://room/") },
  { service: "caller" },
);

const byPath: Record<string, ReturnType<typeof handler>> = {
  "/twice": twice,
  "/other": other,
  "/never": never,
  "/room": room,
  "/bare": { fetch: (_request, env) => work(env) },
};

export default {
  async fetch(request, env, ctx) {
    return byPath[new URL(request.url).pathname]?.fetch(request, env, ctx) ?? new Response();
  },
} satisfies ExportedHandler<Env>;
