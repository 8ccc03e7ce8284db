import { WorkerEntrypoint } from "cloudflare:workers";
import { instrumentEntrypoint } from "edgespan/worker";
import type { Order } from "./inventory.ts";

/** Another Worker's in real life; here an entrypoint of the same one. */
export const Shipping = instrumentEntrypoint(
  class Shipping extends WorkerEntrypoint {
    override async fetch(request: Request): Promise<Response> {
      const { id, customer } = await request.json<Order>();
      return Response.json({ parcel: id, to: customer }, { status: 201 });
    }
  },
);
