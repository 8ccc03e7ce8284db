/** The contexts that platforms pass to handlers, for tests without the platform. */

export interface FakeExecutionContext {
  waitUntil(work: Promise<unknown>): void;
  passThroughOnException(): void;
  readonly props: Record<string, never>;
  /** The platform's alone, and not there: declared so that it passes for an `ExecutionContext`. */
  readonly exports: never;
  readonly tracing: never;
  readonly abort: never;
  readonly mapVirtualHost: never;
  /** Resolves when all work passed to `waitUntil` has settled, also what that work added. */
  settled(): Promise<void>;
}

/** Its methods are on a prototype, as those of the real one are. */
class ExecutionContext implements FakeExecutionContext {
  readonly props = {};
  declare readonly exports: never;
  declare readonly tracing: never;
  declare readonly abort: never;
  declare readonly mapVirtualHost: never;
  readonly #works: Promise<unknown>[] = [];

  waitUntil(work: Promise<unknown>): void {
    this.#works.push(work);
  }

  passThroughOnException(): void {}

  async settled(): Promise<void> {
    for (let seen = 0; seen < this.#works.length;) {
      const fresh = this.#works.slice(seen);
      seen = this.#works.length;
      await Promise.allSettled(fresh);
    }
  }
}

/** Creates what a Worker's handler gets as `ctx`. */
export function createFakeExecutionContext(): FakeExecutionContext {
  return new ExecutionContext();
}

export interface FakeLambdaContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

/** Creates what a Lambda handler gets as `context`. @param remainingMs default 30,000, counted down */
export function createFakeLambdaContext(remainingMs = 30_000): FakeLambdaContext {
  const deadline = Date.now() + remainingMs;
  return {
    awsRequestId: crypto.randomUUID(),
    functionName: "test-function",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:test-function",
    memoryLimitInMB: "128",
    logGroupName: "/aws/lambda/test-function",
    logStreamName: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}
