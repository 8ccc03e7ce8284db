import { createCollector } from "edgespan/testing";
import { wrapHandler } from "edgespan/lambda";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";

type Handler = (event: unknown, context: unknown) => unknown;

/** Every name that edgespan reads of an event, a context or a result. */
const READ = [
  "version",
  "resource",
  "path",
  "rawPath",
  "rawQueryString",
  "routeKey",
  "httpMethod",
  "headers",
  "multiValueHeaders",
  "queryStringParameters",
  "multiValueQueryStringParameters",
  "requestContext",
  "awsRequestId",
  "invokedFunctionArn",
  "statusCode",
];

/** Not even to be turned into text. */
const untellable: unknown = Object.create(null);

function throwing(thrown: unknown): ProxyHandler<object> {
  const trap = (): never => {
    throw thrown;
  };
  return {
    get: trap,
    has: trap,
    ownKeys: trap,
    getPrototypeOf: trap,
    getOwnPropertyDescriptor: trap,
  };
}

function withGetters(names: readonly string[], thrown: unknown): object {
  const get = (): never => {
    throw thrown;
  };
  const getters = names.map((name) => [name, { get, enumerable: true }]);
  return Object.defineProperties({}, Object.fromEntries(getters) as PropertyDescriptorMap);
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cyclic(names: readonly string[]): object {
  const value: Record<string, unknown> = {};
  for (const name of names) value[name] = value;
  return value;
}

const thrown = fc.constantFrom<unknown>(new Error("trap"), "trap", null, undefined, untellable);

const shapeless = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
});

const known = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.dictionary(fc.constantFrom(...READ), values);

/** Builds a value: fast-check would fall into the traps of a value that is there already. */
type Build = () => unknown;

const plain: fc.Arbitrary<Build> = fc
  .oneof(shapeless, known(shapeless), known(known(shapeless)))
  .map((value) => () => value);

/** Recognised as HTTP, and wrong from there on. */
const almostHttp: fc.Arbitrary<Build> = fc
  .tuple(shapeless, shapeless, thrown)
  .map(([any, other, error]) => () => ({
    version: "2.0",
    rawPath: "/",
    httpMethod: "GET",
    path: "/",
    resource: any,
    headers: new Proxy({}, throwing(error)),
    requestContext: { http: { method: "GET", protocol: other }, domainName: any },
  }));

const hostile: fc.Arbitrary<Build> = fc.oneof(
  plain,
  almostHttp,
  thrown.map((error) => () => new Proxy({}, throwing(error))),
  fc.tuple(fc.subarray(READ), thrown).map(
    ([names, error]) =>
      () =>
        withGetters(names, error),
  ),
  fc.subarray(READ).map((names) => () => cyclic(names)),
  fc.constant(revoked),
  fc.constant(() => () => undefined),
);

/** What `getRemainingTimeInMillis` may be. */
const remaining: fc.Arbitrary<Build> = fc.oneof(
  plain,
  fc.double().map((ms) => () => () => ms),
  shapeless.map((value) => () => () => value),
  thrown.map((error) => () => () => {
    throw error;
  }),
);

const context: fc.Arbitrary<Build> = fc.oneof(
  hostile,
  fc.tuple(plain, plain, remaining).map(([id, arn, ms]) => () => ({
    awsRequestId: id(),
    invokedFunctionArn: arn(),
    getRemainingTimeInMillis: ms(),
  })),
);

const collector = createCollector();
const wrap = (handler: Handler): Handler =>
  wrapHandler(handler, {
    exporter: { url: "http://collector/v1/traces", fetch: collector.fetch },
  });

describe("no event and no context, however malformed,", () => {
  beforeEach(() => {
    // What could not be traced is reported there.
    vi.spyOn(console, "warn").mockReturnValue();
    collector.reset();
  });

  it("changes what the handler gets and gives back", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, context, known(shapeless), async (anyEvent, anyContext, result) => {
        const args = [anyEvent(), anyContext()] as const;
        const seen: unknown[] = [];
        const handler = wrap(async (...given) => {
          seen.push(...given);
          return result;
        });
        const given = await handler(...args);
        expect([
          given === result,
          seen.length,
          ...seen.map((arg, i) => Object.is(arg, args[i])),
        ]).toEqual([true, 2, true, true]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("changes what the handler throws", async () => {
    await fc.assert(
      fc.asyncProperty(
        hostile,
        context,
        hostile,
        fc.boolean(),
        async (event, ctx, error, later) => {
          const value = error();
          const fail = (): never => {
            throw value;
          };
          const handler = wrap(later ? async () => fail() : fail);
          const outcome = await settled(() => handler(event(), ctx()));
          expect([outcome.length, Object.is(outcome[0], value)]).toEqual([1, true]);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

/** What was thrown, at once or later; empty where nothing was. */
async function settled(run: () => unknown): Promise<unknown[]> {
  try {
    await run();
    return [];
  } catch (error) {
    return [error];
  }
}
