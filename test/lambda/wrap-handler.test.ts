import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createCollector, createFakeLambdaContext } from "edgespan/testing";
import { wrapHandler } from "edgespan/lambda";
import { never } from "edgespan/sampling";
import { describe, expect, it, onTestFinished, vi } from "vitest";

type AnyHandler = (...args: never[]) => unknown;
type Options = Exclude<NonNullable<Parameters<typeof wrapHandler>[1]>, AnyHandler>;

function wrapped<H extends AnyHandler>(handler: H, options: Options = {}) {
  const collector = createCollector();
  const exporter = { url: "http://collector/v1/traces", fetch: collector.fetch };
  const wrapper = wrapHandler(handler, { exporter, ...options });
  const invoke = async (...rest: unknown[]): Promise<unknown> =>
    Reflect.apply(wrapper, undefined, [{}, createFakeLambdaContext(), ...rest]) as unknown;
  return { collector, wrapper, invoke };
}

/** What was thrown, so that it can be compared by identity. */
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => Promise.reject(new Error("nothing was thrown")),
    (error: unknown) => error,
  );

/** What promises of other libraries are. */
class Thenable {
  // oxlint-disable-next-line unicorn/no-thenable -- query builders are lazy thenables
  then(resolve: (result: unknown) => void): void {
    resolve(value);
  }
}

const error = new RangeError("refused");
const value = { statusCode: 200, body: "the very object" };

describe("a wrapped handler", () => {
  it.each([
    ["async", async () => value],
    ["sync", () => value],
    ["thenable", () => new Thenable()],
    [
      "callback",
      (_: unknown, __: unknown, done: (e: unknown, r: unknown) => void) => done(null, value),
    ],
  ])("gives back the same value: %s", async (_, handler) => {
    const { invoke, collector } = wrapped(handler);
    expect(await invoke()).toBe(value);
    expect(collector.spans()).toMatchObject([{ status: { code: "UNSET" } }]);
  });

  it.each<[string, unknown]>([
    ["an error", error],
    ["a frozen error", Object.freeze(new TypeError("frozen"))],
    ["text", "just text"],
    ["an object", { code: 7 }],
    ["null", null],
    ["undefined", undefined],
    ["false", false],
  ])("throws the same value in every way: %s", async (_, thrown) => {
    const fail = (): never => {
      throw thrown;
    };
    for (const handler of [async () => fail(), fail]) {
      const { invoke, collector } = wrapped(handler);
      expect(await caught(invoke())).toBe(thrown);
      expect(collector.spans()).toMatchObject([{ status: { code: "ERROR" } }]);
    }
  });

  it.each([error, "just text", { code: 7 }])(
    "rejects with what is called back: %s",
    async (thrown) => {
      const { invoke, collector } = wrapped((_: unknown, __: unknown, done: (e: unknown) => void) =>
        done(thrown),
      );
      expect(await caught(invoke())).toBe(thrown);
      expect(collector.spans()).toMatchObject([{ status: { code: "ERROR" } }]);
    },
  );

  it("calls a runtime's own callback once, with the same result, when its spans are sent", async () => {
    const { wrapper, collector } = wrapped(
      (_: unknown, __: unknown, done: (e: unknown, r?: unknown) => void) => {
        setTimeout(() => {
          done(null, value);
          done(error);
        }, 1);
      },
    );
    const done = vi.fn<(error: unknown, result?: unknown) => void>(() => {
      expect(collector.spans()).toHaveLength(1);
    });
    const returned: unknown = Reflect.apply(wrapper, undefined, [
      {},
      createFakeLambdaContext(),
      done,
    ]);
    expect(returned).toBeUndefined();
    await vi.waitFor(() => expect(done).toHaveBeenCalled());
    expect(done.mock.calls).toEqual([[null, value]]);
    expect(done.mock.calls[0]?.[1]).toBe(value);
  });

  it("lets an async handler return its promise where the runtime gives a callback", async () => {
    const { invoke, collector } = wrapped(async () => value);
    const done = vi.fn<() => void>();
    expect(await invoke(done)).toBe(value);
    expect(done).not.toHaveBeenCalled();
    expect(collector.spans()).toHaveLength(1);
  });

  it("keeps arguments and this", async () => {
    const seen: unknown[] = [];
    const { wrapper } = wrapped(function (this: unknown, ...args: unknown[]) {
      seen.push(this, ...args);
    });
    const [receiver, event, context] = [{}, {}, createFakeLambdaContext()];
    await (Reflect.apply(wrapper, receiver, [event, context]) as unknown);
    expect(seen).toHaveLength(3);
    for (const [index, expected] of [receiver, event, context].entries())
      expect(seen[index]).toBe(expected);
  });

  it("keeps name and own properties, getters and symbols among them", () => {
    const mark = Symbol("mark");
    const use = (): string => "used";
    const original = Object.assign(function orders() {}, { use, [mark]: 1 });
    Object.defineProperty(original, "lazy", { get: () => "computed" });
    const { wrapper } = wrapped(original);
    expect(wrapper).not.toBe(original);
    const { name, [mark]: marked } = wrapper;
    expect([name, marked, Reflect.get(wrapper, "lazy"), wrapper.use]).toEqual([
      "orders",
      1,
      "computed",
      use,
    ]);
  });

  it("is an async function where the original is one, which Node 22's runtime client tells by its class", () => {
    const classOf = (handler: AnyHandler): string => wrapped(handler).wrapper.constructor.name;
    expect([classOf(async () => value), classOf(() => value)]).toEqual([
      "AsyncFunction",
      "Function",
    ]);
  });

  it("hands on a third argument that is no callback", async () => {
    const seen: unknown[] = [];
    const third = { signal: AbortSignal.abort() };
    const { invoke } = wrapped((_event: unknown, _context: unknown, given: unknown) => {
      seen.push(given);
      return value;
    });
    expect(await invoke(third)).toBe(value);
    expect(seen).toEqual([third]);
    expect(seen[0]).toBe(third);
  });

  it("declares at most the two parameters that Node 24 allows", () => {
    const handlers = [() => 0, (_a: 0) => 0, (_a: 0, _b: 0) => 0, (_a: 0, _b: 0, _c: 0) => 0];
    for (const handler of handlers) expect(wrapped(handler).wrapper.length).toBeLessThanOrEqual(2);
  });

  it("is the original where tracing is disabled", () => {
    const plain = async (): Promise<void> => undefined;
    expect(wrapped(plain, { disabled: true }).wrapper).toBe(plain);
  });

  it("is not cut short where its context tells of a time without end", async () => {
    const { wrapper, collector } = wrapped(async () => sleep(20, value));
    const context = createFakeLambdaContext(Number.MAX_SAFE_INTEGER);
    expect(await Reflect.apply(wrapper, undefined, [{}, context])).toBe(value);
    expect(collector.spans()).toMatchObject([{ name: "invoke", status: { code: "UNSET" } }]);
  });

  it("refuses what is no function, naming the fix", () => {
    expect(() => wrapHandler({} as never)).toThrow(/needs the function that Lambda would call/);
  });
});

describe("a wrapped handler that Lambda refused as an extension", () => {
  it("keeps nothing of an invocation", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    // Nobody listens there.
    vi.stubEnv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { wrapper } = wrapped(async () => value, { sampling: { head: never } });
    const invokeMany = async (count: number): Promise<number> => {
      for (; count > 0; count--) {
        const context = { awsRequestId: crypto.randomUUID() };
        await (Reflect.apply(wrapper, undefined, [{}, context]) as unknown);
        if (count % 100 === 0) await setImmediate();
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await invokeMany(2_000);
    // 50 bytes for each.
    expect((await invokeMany(20_000)) - before).toBeLessThan(1_000_000);
  });
});

describe("the flush of a wrapped handler", () => {
  const hang = { answer: () => new Promise<never>(() => {}) };
  const warning = (): ReturnType<typeof vi.spyOn> => vi.spyOn(console, "warn").mockReturnValue();
  const elapsed = async (work: () => Promise<unknown>): Promise<[unknown, number]> => {
    const startedAt = performance.now();
    return [await work(), performance.now() - startedAt];
  };

  it("is done when the result arrives", async () => {
    const { invoke, collector } = wrapped(async () => value);
    await invoke();
    expect(collector.spans()).toHaveLength(1);
  });

  it("ends before the invocation does, where the backend hangs", async () => {
    warning();
    const { wrapper, collector } = wrapped(async () => value);
    collector.answer(hang.answer);
    const [result, ms] = await elapsed(async () =>
      Reflect.apply(wrapper, undefined, [{}, createFakeLambdaContext(500)]),
    );
    expect(result).toBe(value);
    expect(ms).toBeLessThan(500);
    expect(ms).toBeGreaterThan(250);
  });

  it("ends before the invocation does, where a span processor hangs", async () => {
    warning();
    const processor = {
      onStart: () => undefined,
      onEnd: () => undefined,
      forceFlush: hang.answer,
      shutdown: async () => undefined,
    };
    const { wrapper } = wrapped(async () => value, { spanProcessors: [processor] });
    const [result, ms] = await elapsed(async () =>
      Reflect.apply(wrapper, undefined, [{}, createFakeLambdaContext(500)]),
    );
    expect(result).toBe(value);
    expect(ms).toBeLessThan(500);
  });

  it("is left to the next invocation where no time is left", async () => {
    const warn = warning();
    const { wrapper, invoke, collector } = wrapped(async () => value);
    const context = { ...createFakeLambdaContext(), getRemainingTimeInMillis: () => 60 };
    expect(await Reflect.apply(wrapper, undefined, [{}, context])).toBe(value);
    expect(collector.requests).toBe(0);
    expect(await invoke()).toBe(value);
    expect(collector.exports.map(({ spans }) => spans.length)).toEqual([1, 1]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("is never the handler's fault, whatever the backend or the clock throws", async () => {
    warning();
    const untellable: unknown = Object.create(null);
    for (const thrown of [error, "text", null, untellable]) {
      const fail = (): never => {
        throw thrown;
      };
      const exporter = { url: "http://collector/v1/traces", fetch: fail };
      const { invoke } = wrapped(async () => value, { exporter });
      expect(await invoke()).toBe(value);
      const { wrapper } = wrapped(async () => value);
      const context = { ...createFakeLambdaContext(), getRemainingTimeInMillis: fail };
      expect(await Reflect.apply(wrapper, undefined, [{}, context])).toBe(value);
    }
  });
});
