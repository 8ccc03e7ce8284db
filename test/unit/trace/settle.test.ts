import { expect, it } from "vitest";
import { observe } from "../../../src/trace/settle.ts";

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

it("hands on a subclass of Promise as the object that it is, and still sees how it ends", async () => {
  const ends: unknown[] = [];
  const outcome = {
    returned: (value: unknown) => ends.push(value),
    threw: (error: unknown) => ends.push(error),
  };
  const succeeding = new ApiPromise(Promise.resolve(7));
  const failing = new ApiPromise(Promise.reject(new Error("no")));
  const returned = observe(() => succeeding, outcome);
  expect([returned === succeeding, returned.withResponse()]).toEqual([true, "the raw response"]);
  expect(observe(() => failing, outcome) === failing).toBe(true);
  const error = await failing.then(undefined, (reason: unknown) => reason);
  expect([await succeeding, ends]).toEqual([7, [7, error]]);
});
