import {
  createExecutionContext,
  env,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { ConfigError } from "edgespan";
import { instrument, instrumentDurableObject, instrumentEntrypoint } from "edgespan/worker";
import { beforeEach, describe, expect, it } from "vitest";
import { exporterOf, thrownBy, traced } from "../invoke.ts";
import { PlainCart, collector } from "./classes.ts";

interface Stub extends PlainCart {
  fetch(input: string | Request, init?: RequestInit): Promise<Response>;
}

const { CARTS, PRICES } = env as unknown as {
  CARTS: DurableObjectNamespace;
  PRICES: Pick<Stub, "fetch"> & { of(item: string): Promise<number> };
};
const cart = (): Stub => CARTS.getByName(crypto.randomUUID()) as never;

beforeEach(() => collector.reset());

/** The spans that the classes export, once there are so many, as trees of names. */
async function trees(count: number): Promise<string[]> {
  await collector.waitForSpans(count);
  return collector
    .spans()
    .map(({ name, kind, parentSpanId }) => `${parentSpanId ? "  " : ""}${name} ${kind}`);
}

describe("a Durable Object", () => {
  it("has a trace for each call of an RPC method, with the spans of the method below", async () => {
    expect(await cart().add(2)).toBe(2);
    expect(await trees(2)).toEqual(["PlainCart/add SERVER", "  cart.price INTERNAL"]);
    expect(collector.spans()[0]?.attributes).toMatchObject({
      "faas.trigger": "other",
      "rpc.method": "PlainCart/add",
      "rpc.system.name": "cloudflare_rpc",
    });
  });

  it("has one trace where a method calls another of the same instance", async () => {
    expect(await cart().addTwice(2)).toBe(4);
    expect(await trees(3)).toEqual([
      "PlainCart/addTwice SERVER",
      "  cart.price INTERNAL",
      "  cart.price INTERNAL",
    ]);
  });

  it("throws what its method throws, and says so on the span", async () => {
    const failure = await thrownBy(() => cart().refuse());
    expect(failure?.thrown).toMatchObject({ name: "RangeError", message: "the cart is full" });
    await collector.waitForSpans(1);
    expect(collector.spans()).toMatchObject([
      { name: "PlainCart/refuse", status: { code: "ERROR", message: "the cart is full" } },
    ]);
  });

  it("continues the trace of the request that its fetch was sent", async () => {
    const { root, spans, value } = await traced(
      async () => (await cart().fetch("http://cart/items", { method: "PUT" })).text(),
      { env },
    );
    await collector.waitForSpans(1);
    const [sent] = spans;
    expect(value).toBe(`PUT 00-${root.traceId}-${sent?.spanId}-03`);
    expect(sent).toMatchObject({
      name: "PUT",
      kind: "CLIENT",
      parentSpanId: root.spanId,
      attributes: {
        "cloudflare.binding.name": "CARTS",
        "cloudflare.binding.type": "Durable Object",
        "http.response.status_code": 200,
        "url.full": "http://cart/items",
      },
    });
    expect(collector.spans()).toMatchObject([
      { name: "PUT", kind: "SERVER", traceId: root.traceId, parentSpanId: sent?.spanId },
    ]);
  });

  it("has a trace for each alarm", async () => {
    const { get } = CARTS;
    const stub = Reflect.apply(get, CARTS, [CARTS.idFromName("alarm")]);
    await runInDurableObject(stub, (_instance, state) =>
      state.storage.setAlarm(Date.now() + 60_000),
    );
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await trees(2)).toEqual(["PlainCart alarm INTERNAL", "  cart.expire INTERNAL"]);
  });

  it("stays an instance of its class, with its env, statics and name", async () => {
    expect(await cart().isItself()).toEqual([true, true, true]);
    await collector.waitForSpans(1);
    const { Cart } = await import("./classes.ts");
    expect([Cart.name, Cart.currency, Object.getPrototypeOf(Cart)]).toEqual([
      "PlainCart",
      "EUR",
      PlainCart,
    ]);
  });
});

describe("an entrypoint", () => {
  it("has a trace for each call of an RPC method", async () => {
    expect(await PRICES.of("apple")).toBe(5);
    expect(await trees(1)).toEqual(["PlainPrices/of SERVER"]);
  });

  it("continues the trace of the request that its fetch was sent", async () => {
    const { root, spans, value } = await traced(
      async () => (await PRICES.fetch("http://prices/")).json(),
      {
        env,
      },
    );
    await collector.waitForSpans(2);
    expect(value).toEqual([20, 22]);
    expect(spans).toMatchObject([{ attributes: { "cloudflare.binding.name": "PRICES" } }]);
    expect(collector.spans()).toMatchObject([
      { name: "GET", kind: "SERVER", traceId: root.traceId, parentSpanId: spans[0]?.spanId },
      { name: "prices.load", traceId: root.traceId },
    ]);
  });
});

describe("a class", () => {
  it("that is left untouched: what is answered inherits from it", async () => {
    class Plain {
      async hello(): Promise<string> {
        return "hello";
      }
    }
    const { hello } = Plain.prototype;
    const Traced = instrumentEntrypoint(Plain as never) as unknown as typeof Plain;
    expect([Plain.prototype.hello === hello, Traced.prototype.hello === hello]).toEqual([
      true,
      false,
    ]);
    expect(new Traced()).toBeInstanceOf(Plain);
  });

  it("is for its own function, as each says", () => {
    expect(() => instrument(PlainCart)).toThrow(ConfigError);
    expect(() => instrument(PlainCart)).toThrow(/a class is for instrumentEntrypoint/);
    for (const wrong of [undefined, {}, () => {}])
      expect(() => instrumentDurableObject(wrong as never)).toThrow(
        /instrumentDurableObject\(Class\) needs a class/,
      );
  });

  it("that is wrongly configured throws at the first call what is wrong, in development", () => {
    class Plain {
      hello(): string {
        return "hello";
      }
    }
    const Traced = instrumentEntrypoint(Plain as never, { exporter: { url: "x" } }) as unknown as {
      new (ctx: unknown, env: unknown): Plain;
    };
    const made = new Traced(createExecutionContext(), {});
    expect(() => made.hello()).toThrow(/exporter.url "x" must be absolute/);
    const Off = instrumentEntrypoint(Plain as never, { ...exporterOf(collector), disabled: true });
    expect(new (Off as unknown as typeof Traced)(createExecutionContext(), {}).hello()).toBe(
      "hello",
    );
  });
});
