/** Classes that the platform makes instances of, instrumented as an application would. */
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { span } from "edgespan";
import { createCollector } from "edgespan/testing";
import { instrumentDurableObject, instrumentEntrypoint } from "edgespan/worker";
import { exporterOf } from "../invoke.ts";

/** What both classes export. */
export const collector = createCollector();

const options = { ...exporterOf(collector), flush: { windowMs: 0 } };

export class PlainCart extends DurableObject {
  #items = 0;
  static readonly currency = "EUR";

  get size(): number {
    return this.#items;
  }

  async add(count: number): Promise<number> {
    return span("cart.price", async () => {
      this.#items += count;
      return this.#items;
    });
  }

  async addTwice(count: number): Promise<number> {
    await this.add(count);
    return this.add(count);
  }

  refuse(): never {
    throw new RangeError("the cart is full");
  }

  async isItself(): Promise<boolean[]> {
    return [this instanceof PlainCart, this instanceof DurableObject, "SESSIONS" in this.env];
  }

  override async fetch(request: Request): Promise<Response> {
    return new Response(`${request.method} ${request.headers.get("traceparent")}`);
  }

  override async alarm(): Promise<void> {
    await span("cart.expire", async () => {});
  }
}

export const Cart = instrumentDurableObject(PlainCart, options);

class PlainPrices extends WorkerEntrypoint {
  async of(item: string): Promise<number> {
    return item.length;
  }

  override async fetch(): Promise<Response> {
    return Response.json(await span("prices.load", async () => [20, 22]));
  }
}

export const Prices = instrumentEntrypoint(PlainPrices, options);
