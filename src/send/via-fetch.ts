/** Sends by `fetch`, or by anything that takes the same arguments. */
import { untraced } from "../trace/active.js";
import { within } from "../trace/within.js";
import {
  BODY_MS,
  type Endpoint,
  type FetchLike,
  type FetchedBody,
  MAX_BODY_BYTES,
  type Send,
  resultOfFault,
  resultOfStatus,
} from "./send.js";

/** Creates a transport over `fetch`; by default the global one of the moment of each export. */
export function viaFetch(
  { url, headers }: Endpoint,
  fetch: FetchLike = (target, init) => globalThis.fetch(target, init),
): Send {
  return async ({ bytes, gzipped }, budgetMs) => {
    const deadline = Date.now() + budgetMs;
    const abort = new AbortController();
    const { signal } = abort;
    const asked = Promise.resolve()
      .then(headers)
      .then((own) => {
        // Nobody waits any more, and the spans are in the queue again.
        if (signal.aborted) throw new Error("the headers came too late");
        const init = {
          method: "POST",
          headers: { ...own, ...(gzipped && { "content-encoding": "gzip" }) },
          body: bytes,
          signal: signal as never,
          // Credentials in the headers must not follow a redirect to another host.
          redirect: "manual" as const,
        };
        // Outside of any invocation, so that an export is never traced itself.
        return untraced(() => fetch(url, init));
      });
    try {
      // A fetch of the application's may ignore the signal, so its end is not waited for.
      const { status, headers: answered, body } = await within(budgetMs, asked);
      const bodyMs = Math.min(BODY_MS, deadline - Date.now());
      const read = body && (await within(bodyMs, readSome(body)).catch(() => undefined));
      return resultOfStatus(status, answered?.get("retry-after"), read ?? undefined);
    } catch (error) {
      return resultOfFault(error);
    } finally {
      // An unread body would hold the connection, and on Workers one of the six there are.
      abort.abort();
    }
  };
}

/** Reads a short body; of a longer one as much as has been read. */
async function readSome(body: FetchedBody): Promise<Uint8Array> {
  const read: number[] = [];
  const reader = body.getReader?.();
  try {
    while (read.length < MAX_BODY_BYTES) {
      const { done = true, value } = (await reader?.read()) ?? {};
      if (done) break;
      for (const byte of (value as Uint8Array).subarray(0, MAX_BODY_BYTES)) read.push(byte);
    }
  } finally {
    await (reader ?? body).cancel();
  }
  return Uint8Array.from(read);
}
