import { EventEmitter } from "node:events";
import { setImmediate, setTimeout } from "node:timers/promises";
import { type Context, ROOT_CONTEXT, createContextKey } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import {
  activeContext,
  activeFrame,
  contextManager,
  runInFrame,
  untraced,
} from "../../../src/trace/active.ts";
import { scopeWith } from "../tracing.ts";

const KEY = createContextKey("test");
const contextOf = (value: unknown): Context => ROOT_CONTEXT.setValue(KEY, value);
const active = (): unknown => activeContext().getValue(KEY);

describe("the active context", () => {
  it("is the root context outside of any invocation", () => {
    expect([activeContext(), activeFrame()]).toEqual([ROOT_CONTEXT, undefined]);
  });

  it("stays across await, timers and promises, also where invocations interleave", async () => {
    const work = (value: number): Promise<unknown[]> =>
      runInFrame({ context: contextOf(value), scope: undefined }, async () => {
        const seen = [active()];
        await setTimeout(5 - value);
        seen.push(active());
        await setImmediate();
        await Promise.resolve().then(() => seen.push(active()));
        return [...seen, active()];
      });
    expect(await Promise.all([work(1), work(2), work(3)])).toEqual([
      [1, 1, 1, 1],
      [2, 2, 2, 2],
      [3, 3, 3, 3],
    ]);
    expect(active()).toBeUndefined();
  });

  it("is left behind by untraced work, and comes back after it", () => {
    const frame = { context: contextOf(1), scope: scopeWith() };
    const seen = runInFrame(frame, () => [untraced(() => [active(), activeFrame()]), active()]);
    expect(seen).toEqual([[undefined, undefined], 1]);
  });

  it("comes back after what is thrown", () => {
    const seen = runInFrame({ context: contextOf(1), scope: undefined }, () => {
      expect(() =>
        contextManager.with(contextOf(2), () => {
          throw new Error("no");
        }),
      ).toThrow("no");
      return active();
    });
    expect(seen).toBe(1);
  });
});

describe("context.with()", () => {
  it("changes the context and keeps the invocation, also under the root context", () => {
    const scope = scopeWith();
    const seen = runInFrame({ context: contextOf(1), scope }, () => [
      contextManager.with(contextOf(2), () => [active(), activeFrame()?.scope === scope]),
      contextManager.with(ROOT_CONTEXT, () => [active(), activeFrame()?.scope === scope]),
      [active(), activeFrame()?.scope === scope],
    ]);
    expect(seen).toEqual([
      [2, true],
      [undefined, true],
      [1, true],
    ]);
  });

  it("hands on this, the arguments and the result", () => {
    const self = {};
    const result = contextManager.with(
      ROOT_CONTEXT,
      function (this: unknown, ...args: number[]) {
        return [this === self, ...args];
      },
      self,
      1,
      2,
    );
    expect(result).toEqual([true, 1, 2]);
  });
});

describe("context.bind()", () => {
  it("runs a function later in the context and invocation of the binding", () => {
    const scope = scopeWith();
    const bound = runInFrame({ context: contextOf(1), scope }, () =>
      contextManager.bind(contextOf(2), function (this: unknown, a: number, b: number) {
        return [this, a, b, active(), activeFrame()?.scope === scope];
      }),
    );
    const self = {};
    expect([bound.call(self, 3, 4), bound.length, active()]).toEqual([
      [self, 3, 4, 2, true],
      2,
      undefined,
    ]);
  });

  it("leaves what is no function as it is", () => {
    const emitter = new EventEmitter();
    expect([
      contextManager.bind(ROOT_CONTEXT, emitter),
      contextManager.bind(ROOT_CONTEXT, 1),
    ]).toEqual([emitter, 1]);
  });
});

it("enabling and disabling change nothing", () => {
  expect([contextManager.enable(), contextManager.disable()]).toEqual([
    contextManager,
    contextManager,
  ]);
});
