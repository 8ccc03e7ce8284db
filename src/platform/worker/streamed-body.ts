/** The body of a response that JavaScript streams: whose work it is, and when it is over. */
import { activeFrame, runInFrame } from "../../trace/active.js";
import type { Frame } from "../../trace/scope.js";
import type { Outlasting } from "../../trace/settle.js";

/**
 * What workerd tells `inspect` of a stream, under symbols of its own. Of two kinds of streams,
 * those that JavaScript fills and native ones, only the first cannot be read into a buffer of
 * the reader's; a stream of bytes can too, and is taken for a native one.
 */
const [SUPPORTS_BYOB, LENGTH] = ["supportsBYOB", "length"].map((name) =>
  Object.getOwnPropertySymbols(ReadableStream.prototype).find(
    ({ description }) => description === name,
  ),
) as [symbol, symbol];

type Chunk = Uint8Array<ArrayBuffer>;

/** The source of a stream, with what workerd takes beside the standard. */
interface Source {
  readonly expectedLength: unknown;
  pull(controller: ReadableStreamDefaultController<Chunk>): Promise<void>;
  cancel(reason: unknown): Promise<void>;
}

/**
 * Stands in for a response with one that hands on each chunk as it is, when the platform asks
 * for it, so that the application's stream is pulled, cancelled and failed as it would be
 * without. Native bodies (text, bytes, those of `fetch()` and of bindings) are pumped by the
 * platform and left alone, as is a body of which it is to say that it was used before, and a
 * class of the application's own.
 */
export function untilStreamed(result: unknown): Outlasting | undefined {
  const response = result as Response;
  const body = response.body as (ReadableStream<Chunk> & Record<symbol, unknown>) | null;
  if (body?.[SUPPORTS_BYOB] !== false || response.bodyUsed) return undefined;
  if (response.constructor !== Response) return undefined;
  // The platform calls where nothing is active.
  const frame = activeFrame() as Frame;
  const reader = body.getReader();
  const read = reader.read.bind(reader);
  const source: Source = {
    // workerd makes a content-length of it.
    expectedLength: body[LENGTH],
    async pull(controller) {
      const { done, value } = await runInFrame(frame, read);
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel(reason) {
      return runInFrame(frame, () => reader.cancel(reason));
    },
  };
  // Nothing is asked for ahead of the platform.
  const stream = new ReadableStream(source, { highWaterMark: 0 });
  return { value: new Response(stream, response), done: reader.closed };
}
