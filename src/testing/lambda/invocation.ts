/** One event on its way to the function, with what the Runtime API says beside it. */

/** What may accompany an event. */
export interface InvokeOptions {
  /** `X-Amzn-Trace-Id` of the caller; by default a new root with `Sampled=0`, as Lambda makes. */
  readonly traceHeader?: string;
  /** Arrives as `context.clientContext`. */
  readonly clientContext?: unknown;
  /** Overrides the function's own time limit for this invocation. */
  readonly timeoutMs?: number;
}

/** An event ready to be handed to the runtime. */
export interface Invocation {
  readonly requestId: string;
  /** The event as JSON. */
  readonly body: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly traceHeader: string;
  readonly clientContext?: unknown;
}

/** Gives an event its identity. An absent event is `{}`, as for an invoke without payload. */
export function createInvocation(
  event: unknown,
  options: InvokeOptions,
  defaults: { readonly functionArn: string; readonly timeoutMs: number },
): Invocation {
  return {
    requestId: crypto.randomUUID(),
    body: JSON.stringify(event) ?? "{}",
    functionArn: defaults.functionArn,
    timeoutMs: options.timeoutMs ?? defaults.timeoutMs,
    traceHeader: options.traceHeader ?? createTraceHeader(),
    ...(options.clientContext === undefined ? {} : { clientContext: options.clientContext }),
  };
}

/**
 * The headers that accompany an event.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next
 */
export function invocationHeaders(
  invocation: Invocation,
  deadlineMs: number,
): Record<string, string> {
  return {
    "content-type": "application/json",
    "lambda-runtime-aws-request-id": invocation.requestId,
    "lambda-runtime-deadline-ms": String(deadlineMs),
    "lambda-runtime-invoked-function-arn": invocation.functionArn,
    "lambda-runtime-trace-id": invocation.traceHeader,
    ...(invocation.clientContext === undefined
      ? {}
      : { "lambda-runtime-client-context": asciiJson(invocation.clientContext) }),
  };
}

/** Without active tracing Lambda still makes a trace header, with a sampling decision of 0. */
export function createTraceHeader(): string {
  const hex = (bytes: number): string =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${hex(12)};Parent=${hex(8)};Sampled=0`;
}

/** JSON that may stand in a header, where Node refuses anything past Latin-1. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
