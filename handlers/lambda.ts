import { span } from "edgespan";
import { wrapHandler } from "edgespan/lambda";

interface Event {
  rawPath: string;
}

export const handler = wrapHandler(
  async (event: Event) => {
    const id = event.rawPath.split("/").at(-1);
    const items = await span("orders.load", { "order.id": id ?? "" }, async () => {
      if (id === "lost") throw new Error("the database has no such shard");
      return [{ price: 20 }, { price: 22 }];
    });
    return {
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id, items }),
    };
  },
  { service: "orders" },
);
