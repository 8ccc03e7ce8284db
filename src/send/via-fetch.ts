/** Sends by `fetch`, or by anything that takes the same arguments. */
import { untraced } from "../trace/active.js";
import { within } from "../trace/within.js";
import { type Endpoint, type FetchLike, type Send, resultOfFault, resultOfStatus } from "./send.js";

/** Creates a transport over `fetch`; by default the global one of the moment of each export. */
export function viaFetch({ url, headers }: Endpoint, fetch: FetchLike = globalFetch): Send {
  return async (body, budgetMs) => {
    const abort = new AbortController();
    const exchange = async (): Promise<number> => {
      const init = { method: "POST", headers: { ...headers }, body, signal: abort.signal as never };
      // Outside of any invocation, so that an export is never traced itself.
      const response = await untraced(() => fetch(url, init));
      // An unread body would hold the connection, and on Workers one of the six there are.
      await response.body?.cancel();
      return response.status;
    };
    try {
      // A fetch of the application's may ignore the signal, so its end is not waited for.
      return resultOfStatus(await within(budgetMs, exchange(), () => abort.abort()));
    } catch (error) {
      return resultOfFault(error);
    }
  };
}

const globalFetch: FetchLike = (url, init) =>
  // Credentials in the headers must not follow a redirect to another host.
  globalThis.fetch(url, {
    ...init,
    body: init.body as Uint8Array<ArrayBuffer>,
    redirect: "manual",
  });
