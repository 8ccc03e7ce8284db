import { ROOT_CONTEXT, type Span, SpanStatusCode } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { type Outlasting, endWith } from "../../../src/trace/settle.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { scopeWith } from "../tracing.ts";

/** Such as the promises of SDK clients: its `then` answers a plain promise, and it has methods. */
class ApiPromise<T> extends Promise<T> {
  readonly #answer: Promise<T>;
  constructor(answer: Promise<T>) {
    super(() => {});
    this.#answer = answer;
  }
  // oxlint-disable-next-line unicorn/no-thenable -- the override is what is tested
  override then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#answer.then(done, failed);
  }
  withResponse(): string {
    return "the raw response";
  }
}

/** Ends spans with work, and writes down what follows it. */
function ending(): { run: <T>(work: () => T) => T; log: unknown[] } {
  const scope = scopeWith();
  const log: unknown[] = [];
  const onResult = (_: Span, value: unknown): void => void log.push(["result", value]);
  const onEnd = (): void => {
    const [span] = scope.take();
    log.push(["end", span?.ended, span?.status]);
  };
  const run = <T>(work: () => T): T =>
    endWith(startSpan(scope, OWN, "work", {}, ROOT_CONTEXT), { onResult, onEnd }, work);
  return { run, log };
}

const SUCCEEDED = ["end", true, { code: SpanStatusCode.UNSET }];
const FAILED = ["end", true, { code: SpanStatusCode.ERROR, message: "no" }];
const error = new Error("no");

it("ends the span with work that returns, and hands on its value at once", () => {
  const { run, log } = ending();
  expect([run(() => 7), log]).toEqual([7, [["result", 7], SUCCEEDED]]);
});

it("ends the span with work that throws, and throws the same", () => {
  const { run, log } = ending();
  const work = (): never => {
    throw error;
  };
  expect(() => run(work)).toThrow(error);
  expect(log).toEqual([FAILED]);
});

it("ends the span with work that resolves, after it has told the result", async () => {
  const { run, log } = ending();
  const work = Promise.withResolvers<number>();
  const result = run(() => work.promise);
  await Promise.resolve();
  const before = [...log];
  work.resolve(7);
  expect([before, await result, log]).toEqual([[], 7, [["result", 7], SUCCEEDED]]);
});

it("ends the span with work that rejects, and rejects with the same", async () => {
  const { run, log } = ending();
  await expect(run(() => Promise.reject(error))).rejects.toBe(error);
  expect(log).toEqual([FAILED]);
});

it("hands on a subclass of Promise as the object that it is, and still sees how it ends", async () => {
  const { run, log } = ending();
  const { run: runFailing, log: logOfFailing } = ending();
  const succeeding = new ApiPromise(Promise.resolve(7));
  const failing = new ApiPromise(Promise.reject(error));
  const returned = run(() => succeeding);
  expect([returned === succeeding, returned.withResponse()]).toEqual([true, "the raw response"]);
  expect(runFailing(() => failing) === failing).toBe(true);
  const reason = await failing.then(undefined, (thrown: unknown) => thrown);
  expect([await succeeding, reason === error]).toEqual([7, true]);
  expect([log, logOfFailing]).toEqual([[["result", 7], SUCCEEDED], [FAILED]]);
});

/** Runs work that goes on after it has answered 7, for which 8 stands in. */
function outlasting(outlast: () => Outlasting | undefined, work: () => unknown) {
  const scope = scopeWith();
  const answered = endWith(startSpan(scope, OWN, "work", {}, ROOT_CONTEXT), { outlast }, work);
  const status = (): unknown => scope.take().map((span) => span.status);
  return { answered, status };
}

it.each([
  ["returns", () => 7],
  ["resolves", async () => 7],
])("ends the span of work that %s and goes on when that is over", async (_, work) => {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const { answered, status } = outlasting(() => ({ value: 8, done }), work);
  expect(await answered).toBe(8);
  expect(status()).toEqual([]);
  resolve();
  await done;
  expect(status()).toEqual([{ code: SpanStatusCode.UNSET }]);
});

it("records what work that goes on fails with", async () => {
  const done = Promise.reject(error);
  const { status } = outlasting(
    () => ({ value: 8, done }),
    () => 7,
  );
  await done.catch(() => undefined);
  expect(status()).toEqual([{ code: SpanStatusCode.ERROR, message: "no" }]);
});

it.each<[string, () => undefined]>([
  ["nothing goes on", () => undefined],
  [
    "it fails to see what goes on",
    () => {
      throw error;
    },
  ],
])("answers the result where %s", (_, outlast) => {
  const { answered, status } = outlasting(outlast, () => 7);
  expect(answered).toBe(7);
  expect(status()).toEqual([{ code: SpanStatusCode.UNSET }]);
});

it("takes nothing for what goes on from a promise that it cannot stand in for", async () => {
  let asked = 0;
  const { answered, status } = outlasting(
    () => void asked++,
    () => new ApiPromise(Promise.resolve(7)),
  );
  expect([await answered, asked]).toEqual([7, 0]);
  expect(status()).toEqual([{ code: SpanStatusCode.UNSET }]);
});
