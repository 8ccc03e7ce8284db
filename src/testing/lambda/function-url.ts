/// <reference lib="esnext.disposable" preserve="true" />
import { toFunctionUrlEvent } from "./function-url-event.js";
import { toHttpResponse } from "./function-url-response.js";
import { createTraceHeader, type InvokeOptions } from "./invocation.js";
import { serveLoopback } from "./loopback.js";
import type { LambdaOutcome } from "./outcome.js";

/** A Function URL that listens on loopback until it is closed; it keeps the process alive. */
export interface FunctionUrl {
  /** Such as `http://127.0.0.1:49152`, without a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves HTTP on `port` (0 picks a free one), each request an invocation. */
export async function serveFunctionUrl(
  invoke: (event: unknown, options: InvokeOptions) => Promise<LambdaOutcome>,
  { region, port }: { readonly region: string; readonly port: number },
): Promise<FunctionUrl> {
  const server = await serveLoopback(
    async (request) => {
      // The service continues the caller's trace header, in the event as in the environment.
      const traceHeader = request.headers["x-amzn-trace-id"] ?? createTraceHeader();
      const event = toFunctionUrlEvent(request, { region, now: new Date(), traceHeader });
      return toHttpResponse(await invoke(event, { traceHeader }));
    },
    { port },
  );
  const close = (): Promise<void> => server.close();
  return { url: `http://127.0.0.1:${server.port}`, close, [Symbol.asyncDispose]: close };
}
