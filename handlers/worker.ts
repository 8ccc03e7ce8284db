import { span } from "edgespan";
import { tracing } from "edgespan/hono";
import { instrument, traceMessage, traceRpc } from "edgespan/worker";
import { Hono } from "hono";
import { getCookie } from "hono/cookie";
import { sha256 } from "hono/utils/crypto";
import type { Inventory, Order } from "./inventory.ts";
import { traceContext } from "./trace-context.ts";

export { Inventory } from "./inventory.ts";
export { Shipping } from "./shipping.ts";

interface Env {
  ORDERS_URL: string;
  SESSIONS: KVNamespace;
  SHOP: D1Database;
  ORDERS: Queue<Order>;
  INVENTORY: DurableObjectNamespace<Inventory>;
}

const orders = new Hono<{ Bindings: Env }>();

orders.get("/:id", async (c) => {
  const order = await fetch(new URL(`/orders/${c.req.param("id")}`, c.env.ORDERS_URL));
  if (!order.ok) return c.json({ error: "the order service failed" }, 502);
  const { items } = await order.json<{ items: { price: number }[] }>();
  const total = await span("cart.total", { "cart.items": items.length }, async (active) => {
    const sum = items.reduce((soFar, item) => soFar + item.price, 0);
    active.setAttribute("cart.total", sum);
    return sum;
  });
  return c.json({ total });
});

orders.post("/", async (c) => {
  const { SESSIONS, SHOP, ORDERS } = c.env;
  const session = getCookie(c, "session");
  // Keys are told: a session is kept by its digest.
  const customer = session && (await SESSIONS.get(`${await sha256(session)}`));
  if (!customer) return c.json({ error: "log in first" }, 401);
  const { item } = await c.req.json<{ item: string }>();
  const query = SHOP.prepare("SELECT price FROM items WHERE name = ?").bind(item);
  const price = await query.first<number>("price");
  if (price === null) return c.json({ error: "no such item" }, 404);
  await ORDERS.send({ id: crypto.randomUUID(), item, price, customer });
  return c.json({ item, price, customer }, 202);
});

const app = new Hono<{ Bindings: Env }>();
app.use(tracing());
app.route("/orders", orders);
app.route("/trace-context", traceContext);
app.get("/checkout", () => {
  throw new Error("the cart is empty");
});

export default instrument(
  {
    fetch: app.fetch,
    async queue(batch: MessageBatch<Order>, env: Env): Promise<void> {
      for (const message of batch.messages)
        await traceMessage(message, async () => {
          const inventory = env.INVENTORY.getByName(message.body.item);
          await traceRpc(inventory, { propagate: true }).reserve(message.body);
          message.ack();
        });
    },
  },
  { instrument: { queues: { propagate: ["ORDERS"] } } },
);
