/**
 * Handlers that stream their response. The stream that Lambda gave is handed on as it is, since the
 * runtime client knows it by its identity; the span lasts until all of it was written.
 */
import type { Span } from "@opentelemetry/api";
import { recordFailure } from "../../trace/failure.js";
import { quietly } from "../../trace/quietly.js";
import { isThenable } from "../../trace/settle.js";
import type { LambdaContext } from "./context.js";
import { invocationOf } from "./invocation.js";
import type { Traced } from "./set-up.js";

/** How the runtime client recognises such a handler, and what else it reads of it. */
export const STREAMING: symbol = Symbol.for("aws.lambda.runtime.handler.streaming");

export type StreamingHandler = (
  this: unknown,
  event: unknown,
  stream: ResponseStream,
  context: LambdaContext,
) => unknown;

/** The part of a response's stream that is used here. */
interface ResponseStream {
  write(this: unknown, ...args: unknown[]): unknown;
  end(this: unknown, ...args: unknown[]): unknown;
  once?(event: string, listener: () => void): unknown;
  readonly writableEnded?: boolean;
  readonly writableFinished?: boolean;
  readonly destroyed?: boolean;
}

export function tracedStreaming(
  { runtime, lives, policy }: Traced,
  handler: StreamingHandler,
): StreamingHandler {
  seePreludes();
  return function (this: unknown, event, stream, context) {
    const life = lives.begin(context, () => true);
    const invocation = invocationOf(event, context, policy, life);
    const { trigger } = invocation;
    const streamed = {
      ...trigger,
      recorded(span: Span) {
        trigger.recorded?.(span, event);
        quietly(() => tellFirstByte(span, stream));
      },
      result(span: Span) {
        const prelude = { statusCode: 200, ...preludes.get(stream) };
        trigger.result?.(span, prelude);
        runtime.tracing.capture?.answered(span, prelude);
        if (stream.destroyed && !stream.writableFinished)
          recordFailure(span, new Error("the response was cut off"));
      },
    };
    return runtime.invoke({ ...invocation, trigger: streamed }, () => {
      const running = Reflect.apply(handler, this, [event, stream, context]);
      // What is no promise is for the runtime client to refuse.
      if (!isThenable(running)) return running;
      return life.watch(
        Promise.resolve(running).then(async (result) => {
          await allWritten(stream);
          return result;
        }),
        streamed,
      );
    });
  };
}

/** Waits for a stream that was ended; one that was not is left for the runtime client to refuse. */
async function allWritten(stream: ResponseStream): Promise<void> {
  if (!stream.writableEnded || stream.writableFinished || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.once?.("finish", resolve);
    stream.once?.("close", resolve);
  });
}

/** Tells when the first byte was written: by methods of the stream's own, until one is called. */
function tellFirstByte(span: Span, stream: ResponseStream): void {
  const names = ["write", "end"] as const;
  const own = names.map((name) => Object.getOwnPropertyDescriptor(stream, name));
  const restore = (): void => {
    for (const [at, name] of names.entries())
      if (own[at]) Object.defineProperty(stream, name, own[at]);
      else Reflect.deleteProperty(stream, name);
  };
  for (const name of names) {
    const original = stream[name];
    const value = function (this: unknown, ...args: unknown[]): unknown {
      quietly(() => {
        restore();
        span.addEvent("http.response.first_byte");
      });
      return Reflect.apply(original, this, args);
    };
    Object.defineProperty(stream, name, { configurable: true, writable: true, value });
  }
}

/** What `HttpResponseStream.from()` was given for a stream: its status and headers. */
const preludes = new WeakMap<object, object>();

type From = (this: unknown, stream: object, prelude: object) => object;

const SEEN: unique symbol = Symbol.for("edgespan.preludes");

/** The status is in no property of the stream, so that it is seen where it is given. */
function seePreludes(): void {
  quietly(() => {
    const { HttpResponseStream } =
      (globalThis as unknown as { awslambda?: { HttpResponseStream?: { from: From } } })
        .awslambda ?? {};
    if (!HttpResponseStream || SEEN in HttpResponseStream.from) return;
    const { from } = HttpResponseStream;
    const seeing: From = function (stream, prelude) {
      quietly(() => preludes.set(stream, prelude));
      return Reflect.apply(from, this, [stream, prelude]);
    };
    HttpResponseStream.from = Object.assign(seeing, { [SEEN]: true });
  });
}
