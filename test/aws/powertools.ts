/**
 * Functions as users of Powertools Tracer write them, in each of the ways that its documentation
 * offers: by decorators, by its Middy middleware, and by hand. Nothing of edgespan is in them.
 */
import type { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
import middy from "@middy/core";

export interface Event {
  readonly id: string;
  readonly fails?: boolean;
}

export type Handler = (event: Event, context: object) => Promise<unknown>;

type Decorator = (target: object, key: string, descriptor: PropertyDescriptor) => unknown;

/** What TypeScript makes of `@decorator` before a method, with `experimentalDecorators`. */
function decorate(prototype: object, key: string, decorator: unknown): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor;
  (decorator as Decorator)(prototype, key, descriptor);
  Object.defineProperty(prototype, key, descriptor);
}

export function byDecorators(tracer: Tracer): Handler {
  class Orders {
    async load(id: string): Promise<{ id: string }> {
      tracer.putAnnotation("orderId", id);
      if (id === "none") throw new RangeError("no such order");
      return { id };
    }

    async price(): Promise<number> {
      return 42;
    }

    async handler(event: Event): Promise<unknown> {
      tracer.putMetadata("paymentResponse", { accepted: true });
      const order = await this.load(event.id);
      return { ...order, price: await this.price() };
    }
  }
  decorate(Orders.prototype, "load", tracer.captureMethod());
  decorate(
    Orders.prototype,
    "price",
    tracer.captureMethod({ subSegmentName: "### pricing", captureResponse: false }),
  );
  decorate(Orders.prototype, "handler", tracer.captureLambdaHandler());
  const orders = new Orders();
  return orders.handler.bind(orders);
}

export function byMiddy(tracer: Tracer): Handler {
  return middy(async (event: Event) => {
    tracer.putAnnotation("orderId", event.id);
    if (event.fails) throw new RangeError("no such order");
    return { id: event.id };
  }).use(captureLambdaHandler(tracer)) as unknown as Handler;
}

export function byHand(tracer: Tracer): Handler {
  return async (event) => {
    const segment = tracer.getSegment();
    const subsegment = segment?.addNewSubsegment(`## ${process.env["_HANDLER"]}`);
    if (subsegment) tracer.setSegment(subsegment);
    tracer.annotateColdStart();
    tracer.addServiceNameAnnotation();
    try {
      const answer = { id: event.id };
      tracer.addResponseAsMetadata(answer, process.env["_HANDLER"]);
      if (event.fails) throw new RangeError("no such order");
      return answer;
    } catch (error) {
      tracer.addErrorAsMetadata(error as Error);
      throw error;
    } finally {
      subsegment?.close();
      if (segment) tracer.setSegment(segment);
    }
  };
}
