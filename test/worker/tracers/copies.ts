/** Two copies of edgespan in one bundle, as where a library brings a version of its own. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { instrument, instrumentEntrypoint } from "edgespan/worker";
import {
  instrument as instrumentByCopy,
  instrumentEntrypoint as instrumentEntrypointByCopy,
} from "edgespan-copy/worker";
import { type Env, handler } from "./handler.ts";

class PlainDesk extends WorkerEntrypoint<Env> {
  override async fetch(): Promise<Response> {
    return new Response(await this.env.KV.get("desk"));
  }
}

/** By the copy alone in the one, by both in the other. */
export const Desk = instrumentEntrypointByCopy(PlainDesk, { service: "copy" });
export const Both = instrumentEntrypointByCopy(
  instrumentEntrypoint(PlainDesk, { service: "inner" }),
  { service: "copy" },
);

const byCopy = instrumentByCopy(handler(), { service: "copy" });
const own = instrument(handler(), { service: "own" });
const both = instrument(instrumentByCopy(handler(), { service: "copy" }), { service: "own" });
const asking = instrument(
  { fetch: async (_request: Request, { BOTH }: Env) => BOTH.fetch("http://desk/") },
  { service: "own" },
);

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const chosen = { "/copy": byCopy, "/own": own, "/both": both, "/class": asking }[pathname];
    return chosen?.fetch(request, env, ctx) ?? new Response();
  },
} satisfies ExportedHandler<Env>;
