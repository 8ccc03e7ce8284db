/** How an invocation ends, as whoever invoked the function sees it. */

/** An error in the shape in which Lambda runtimes report one. */
export interface LambdaError {
  readonly errorType: string;
  readonly errorMessage: string;
  /** The stack, line by line, where the runtime sent one. */
  readonly trace?: readonly string[];
}

/** The ways in which a sandbox fails to give an answer. */
export type Interruption =
  | { readonly status: "error"; readonly error: LambdaError }
  | { readonly status: "timeout" }
  | { readonly status: "exit"; readonly code: number | null; readonly signal: string | null };

/** What a sandbox made of one event. */
export type Result = { readonly status: "success"; readonly payload: unknown } | Interruption;

/** What is known of every invocation, however it ended. */
export interface Invoked {
  /** The handler's `context.awsRequestId`. */
  readonly requestId: string;
  /** `init` when the sandbox failed before it took the event: the handler never ran. */
  readonly phase: "init" | "invoke";
  /** Milliseconds from handing out the event to the end; 0 when it was never handed out. */
  readonly durationMs: number;
  /** Milliseconds from starting the sandbox to its first poll; present on a cold start only. */
  readonly initMs?: number;
}

/**
 * The end of one invocation. `success` carries the handler's result as parsed JSON, `error` what
 * the handler threw (or the module, with `phase: "init"`), `timeout` says the sandbox was killed
 * at its deadline, `exit` that its process ended by itself.
 */
export type LambdaOutcome = Result & Invoked;

/** Reads the body of a runtime's error report, which any runtime client may have written. */
export function parseError(body: string): LambdaError {
  const report: unknown = parseJson(body);
  if (typeof report !== "object" || report === null) {
    return { errorType: "Runtime.UnknownReason", errorMessage: body };
  }
  const { errorType, errorMessage, trace } = report as Record<string, unknown>;
  return {
    errorType: typeof errorType === "string" ? errorType : "Runtime.UnknownReason",
    errorMessage: typeof errorMessage === "string" ? errorMessage : "",
    ...(Array.isArray(trace) ? { trace: trace.map(String) } : {}),
  };
}

/** Reads a result. Lambda passes on whatever was posted, so what is not JSON stays text. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
