import { DurableObject } from "cloudflare:workers";
import { instrumentDurableObject } from "edgespan/worker";

export interface Order {
  id: string;
  item: string;
  price: number;
  customer: string;
}

interface Env {
  SHIPPING: Fetcher;
}

/** One item's reservations; each is shipped. */
export const Inventory = instrumentDurableObject(
  class Inventory extends DurableObject<Env> {
    readonly #sql = this.ctx.storage.sql;

    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, env);
      this.#sql.exec("CREATE TABLE IF NOT EXISTS reservations (order_id TEXT PRIMARY KEY)");
    }

    async reserve(order: Order): Promise<void> {
      // Both steps may be repeated: a queue delivers an order at least once.
      this.#sql.exec("INSERT OR IGNORE INTO reservations VALUES (?)", order.id);
      const parcel = `https://shipping/parcels/${order.id}`;
      const shipped = await this.env.SHIPPING.fetch(parcel, {
        method: "PUT",
        body: JSON.stringify(order),
      });
      if (!shipped.ok) throw new Error("the parcel was not shipped");
    }
  },
);
export type Inventory = InstanceType<typeof Inventory>;
