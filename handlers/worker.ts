import { span } from "edgespan";
import { tracing } from "edgespan/hono";
import { instrument } from "edgespan/worker";
import { Hono } from "hono";

interface Env {
  ORDERS_URL: string;
}

const orders = new Hono<{ Bindings: Env }>().get("/:id", async (c) => {
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

const app = new Hono<{ Bindings: Env }>();
app.use(tracing());
app.route("/orders", orders);
app.get("/checkout", () => {
  throw new Error("the cart is empty");
});

export default instrument(app, { service: "shop" });
