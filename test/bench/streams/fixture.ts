/** A Worker that streams what a path asks for, watched in the way that the path names. */
import { AsyncLocalStorage } from "node:async_hooks";
import { instrument } from "edgespan/worker";

type Handler = (request: Request, env: unknown, ctx: ExecutionContext) => Promise<Response>;
type Watch = (response: Response) => Response;

const storage = new AsyncLocalStorage<object>();
const ended = (): void => undefined;

/** What others do, or could: each learns of the end of the stream. */
const WATCHES: Readonly<Record<string, Watch>> = {
  bare: (response) => response,
  IdentityTransformStream(response) {
    const { readable, writable } = new IdentityTransformStream();
    response.body?.pipeTo(writable).then(ended, ended);
    return new Response(readable, response);
  },
  TransformStream(response) {
    const flush = { flush: ended, cancel: ended };
    return new Response(response.body?.pipeThrough(new TransformStream(flush)), response);
  },
  "stream of bytes"(response) {
    const reader = response.body?.getReader();
    const source: UnderlyingByteSource = {
      type: "bytes",
      async pull(controller) {
        const next = await reader?.read();
        if (next && !next.done) return controller.enqueue(next.value);
        controller.close();
        ended();
      },
      cancel: (reason) => reader?.cancel(reason),
    };
    return new Response(new ReadableStream(source), response);
  },
};

/** The source as if the constructor of streams had been replaced, so that its callbacks are seen. */
function seen(source: UnderlyingSource<Uint8Array>): UnderlyingSource<Uint8Array> {
  const frame = {};
  return {
    pull(controller) {
      return storage.run(frame, () => source.pull?.(controller));
    },
    cancel(reason) {
      ended();
      return source.cancel?.(reason);
    },
  };
}

function streamOf(bytes: number, chunkBytes: number, watchesSource: boolean): ReadableStream {
  let left = bytes;
  const source: UnderlyingSource<Uint8Array> = {
    async pull(controller) {
      if (left > 0) controller.enqueue(new Uint8Array(Math.min(left, chunkBytes)));
      else controller.close();
      left -= chunkBytes;
    },
  };
  return new ReadableStream(watchesSource ? seen(source) : source);
}

/** `/<watch>/<bytes>/<bytes of a chunk>`; without chunks the body is native. */
const stream: Handler = async (request) => {
  const [, watch = "", bytes, chunkBytes] = new URL(request.url).pathname.split("/");
  if (!chunkBytes) return new Response(new Uint8Array(Number(bytes)));
  return new Response(streamOf(Number(bytes), Number(chunkBytes), watch === "source"));
};

const exporter = {
  url: "http://collector.test/v1/traces",
  fetch: async () => ({ status: 200, body: null }),
};
const traced = instrument({ fetch: stream }, { exporter });
const untouched = instrument({ fetch: stream }, { exporter, instrument: { streams: false } });

export default {
  async fetch(request, env, ctx) {
    const [, encoded = ""] = new URL(request.url).pathname.split("/");
    const watch = decodeURIComponent(encoded);
    if (watch === "edgespan") return traced.fetch(request, env, ctx);
    if (watch === "edgespan, streams false") return untouched.fetch(request, env, ctx);
    return (WATCHES[watch] ?? ((response) => response))(await stream(request, env, ctx));
  },
} satisfies ExportedHandler;
