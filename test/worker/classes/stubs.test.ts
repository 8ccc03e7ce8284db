import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import type { Options } from "edgespan";
import { createCollector } from "edgespan/testing";
import { instrument, instrumentDurableObject, traceRpc } from "edgespan/worker";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { exporterOf, request, thrownBy, traced } from "../invoke.ts";
import { collector } from "./classes.ts";

interface Prices {
  fetch(url: string): Promise<Response>;
  of(item: string): Promise<number>;
}
const { CARTS, PRICES } = env as unknown as {
  CARTS: {
    getByName(name: string): Prices;
    idFromName(name: string): { toString(): string };
  };
  PRICES: Prices;
};

beforeEach(() => collector.reset());

const classOf = (value: unknown): string =>
  (Object.getPrototypeOf(value) as { constructor: { name: string } }).constructor.name;

describe("fetch of a binding", () => {
  const takenOff = () => {
    const { fetch: taken } = PRICES;
    return taken("http://prices/");
  };

  it("throws what it threw where it is taken off its binding", async () => {
    const prototype = Object.getPrototypeOf(PRICES) as Prices;
    const original = prototype.fetch;
    const before = await thrownBy(takenOff);
    expect(prototype.fetch).toBe(original);
    const { value: inside } = await traced(() => thrownBy(takenOff), { env });
    expect(prototype.fetch).not.toBe(original);
    const outside = await thrownBy(takenOff);
    expect(String(before?.thrown)).toMatch(/^TypeError: Illegal invocation/);
    expect([inside, outside]).toEqual([before, before]);
  });

  it("is no span where it is an export, and carries nothing", async () => {
    const own = createCollector();
    const exported = instrument(
      { fetch: async (..._args: unknown[]) => new Response() },
      {
        exporter: [
          exporterOf(own).exporter,
          { url: "http://prices/v1/traces", fetch: PRICES as never },
        ],
        flush: { windowMs: 0 },
      },
    );
    const ctx = createExecutionContext();
    await exported.fetch(request(), env, ctx);
    await waitOnExecutionContext(ctx);
    expect(own.spans()).toMatchObject([{ name: "GET", kind: "SERVER" }]);
    await collector.waitForSpans(2);
    const received = collector.spans().find(({ kind }) => kind === "SERVER");
    expect(received).toMatchObject({
      name: "POST",
      parentSpanId: undefined,
      attributes: { "url.path": "/v1/traces" },
    });
  });

  it("tells which object a stub is of", async () => {
    const { spans } = await traced(() => CARTS.getByName("mine").fetch("http://cart/"), { env });
    expect(spans[0]?.attributes).toMatchObject({
      "cloudflare.binding.name": "CARTS",
      "cloudflare.durable_object.id": CARTS.idFromName("mine").toString(),
      "cloudflare.durable_object.name": "mine",
    });
  });
});

describe("traceRpc", () => {
  it("answers the platform's own promise, within an invocation and without", async () => {
    const outside = traceRpc(PRICES).of("pear");
    expect([classOf(outside), await outside]).toEqual(["RpcPromise", 4]);
    const { value, spans } = await traced(
      async () => {
        const inside = traceRpc(PRICES).of("apple");
        return [classOf(inside), await inside];
      },
      { env },
    );
    expect(value).toEqual(["RpcPromise", 5]);
    expect(spans).toMatchObject([{ name: "PRICES/of", kind: "CLIENT" }]);
  });

  it("carries the context of a call that is not sampled, so that the receiver is not either", async () => {
    const { value, spans } = await traced(() => traceRpc(PRICES, { propagate: true }).of("apple"), {
      env,
      options: {
        // Keeps the root alone, which `traced` waits for.
        sampling: {
          head: {
            shouldSample: (_context, _id, name) => ({ decision: name === "GET" ? 2 : 0 }),
          },
        },
      },
    });
    expect([value, spans]).toEqual([5, []]);
    await scheduler.wait(200);
    expect(collector.spans()).toEqual([]);
  });

  it("leaves the methods of an object literal, such as one of an application's own tests, alone", async () => {
    const fake = Object.freeze({ id: 7, of: async (item: string) => `price of ${item}` });
    const { value, spans } = await traced(async () => {
      const held = traceRpc(fake, { propagate: true });
      return [await held.of("kiwi"), held.id, held.of === fake.of];
    });
    expect([value, spans]).toEqual([["price of kiwi", 7, true], []]);
  });

  it("takes an instance for a stub, whose class knows nothing of contexts", async () => {
    class Fake {
      readonly #price = 3;
      async of(item: string): Promise<number> {
        return item.length * this.#price;
      }
    }
    const { value, spans } = await traced(() =>
      traceRpc(new Fake(), { propagate: true }).of("kiwi"),
    );
    expect(value).toBe(12);
    expect(spans).toMatchObject([{ name: "of", attributes: { "rpc.method": "of" } }]);
  });
});

describe("a class that is traced", () => {
  class Plain {
    static readonly made = "static";
    async alarm(_info?: unknown): Promise<string> {
      return "rang";
    }
    hello(_name: string): string {
      return "hello";
    }
  }
  interface Made extends Plain {
    new (ctx: unknown, env: unknown): Plain;
  }
  let own = createCollector();
  beforeEach(() => {
    own = createCollector();
  });

  function trace(options: Options = {}): Made {
    const given = { ...exporterOf(own), flush: { windowMs: 0 }, ...options };
    return instrumentDurableObject(Plain as never, given);
  }

  it("looks like its original, and is made with new alone", async () => {
    const Traced = trace() as unknown as typeof Plain;
    const made = new Traced();
    expect([Traced.name, Traced.length, Traced.made]).toEqual(["Plain", 0, "static"]);
    expect([made.hello.name, made.hello.length]).toEqual(["hello", 1]);
    expect(made.constructor).toBe(Traced);
    expect(made).toBeInstanceOf(Plain);
    expect(() => (Traced as unknown as () => void)()).toThrow(TypeError);
    class Sub extends Traced {
      readonly #own = "own";
      own(): string {
        return this.#own;
      }
    }
    expect([new Sub().own(), new Sub().hello(""), new Sub() instanceof Traced]).toEqual([
      "own",
      "hello",
      true,
    ]);
  });

  it("calls what the original has at the time, such as a spy", () => {
    const made = new (trace())({}, {});
    const spy = vi.spyOn(Plain.prototype, "hello").mockReturnValue("spied");
    expect([made.hello("you"), spy.mock.calls]).toEqual(["spied", [["you"]]]);
    spy.mockRestore();
    expect(made.hello("you")).toBe("hello");
  });

  it("is part of the invocation that it is called in", async () => {
    const made = new (trace())(createExecutionContext(), {});
    const { spans, value } = await traced(() => made.hello("you"));
    expect([value, spans, own.exports.length]).toEqual(["hello", [], 0]);
  });

  it("tells of an alarm when it was due and how often it was tried", async () => {
    const ctx = createExecutionContext();
    const made = new (trace())(ctx, {});
    expect(await made.alarm({ retryCount: 2, scheduledTime: 0 })).toBe("rang");
    await waitOnExecutionContext(ctx);
    expect(own.spans()).toMatchObject([
      {
        name: "Plain alarm",
        attributes: {
          "cloudflare.durable_object.alarm.retry_count": 2,
          "cloudflare.entrypoint": "Plain",
          "faas.invocation.start_time": "1970-01-01T00:00:00.000Z",
        },
      },
    ]);
  });

  it("runs untraced, and warns once, where it is wrongly configured and deployed", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const made = new (trace({ exporter: { url: "x" }, strict: false }))({}, {});
    expect([made.hello("a"), made.hello("b")]).toEqual(["hello", "hello"]);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});
