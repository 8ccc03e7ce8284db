/** Outgoing requests: every form of `fetch`, redirects, aborts, and what fails. */
import type { Given } from "./env.ts";
import type { Attempts } from "./shown.ts";

export function outgoing({ env: { ECHO } }: Given): Attempts {
  const echo = `${ECHO}/echo?a=1`;
  const init = { method: "POST", body: "a body", headers: { "x-a": "1" } };
  const aborted = async (signal: AbortSignal): Promise<unknown> =>
    fetch(`${ECHO}/slow`, { signal });
  return {
    "what fetch sends": async () => (await fetch(echo)).headers.get("x-continues"),
    "fetch of text": () => fetch(echo),
    "fetch of a URL": () => fetch(new URL(echo), init),
    "fetch of a Request": () => fetch(new Request(echo, init)),
    "fetch of a Request and another": () =>
      fetch(new Request(echo, init), { method: "PUT", body: "other" }),
    "fetch of a Request as init": () => fetch(echo, new Request(echo, init)),
    "fetch of a used Request": async () => {
      const request = new Request(echo, init);
      await request.text();
      return fetch(request);
    },
    "fetch leaves its Request used": async () => {
      const request = new Request(echo, init);
      const { headers } = request;
      await fetch(request);
      return [request.bodyUsed, [...headers], request.headers === headers];
    },
    "fetch leaves its init as it is": async () => {
      const headers = new Headers({ "x-b": "2" });
      const own = Object.freeze({ method: "POST", body: "x", headers });
      await fetch(echo, own);
      return [own, [...headers]];
    },
    "fetch of an object that says it is a URL": () => fetch({ toString: () => echo } as never),
    "fetch with inherited init": () => fetch(echo, Object.create(init) as RequestInit),
    "fetch with getters": () =>
      fetch(echo, {
        get method() {
          return "PATCH";
        },
        get headers(): HeadersInit {
          return [
            ["x-c", "3"],
            ["x-c", "4"],
          ];
        },
      }),
    "fetch with throwing getters": () =>
      fetch(echo, {
        get method(): string {
          throw new RangeError("hostile");
        },
      }),
    "fetch of no URL": () => fetch("no URL"),
    "fetch of nothing": () => (fetch as (...args: unknown[]) => unknown)(),
    "fetch with wrong headers": () => fetch(echo, { headers: { "a b": "c" } }),
    "fetch with a wrong method": () => fetch(echo, { method: "A B" }),
    "fetch GET with a body": () => fetch(echo, { ...init, method: "GET" }),
    "fetch of data:": () => fetch("data:text/plain,data"),
    "fetch of blob:": () => fetch("blob:none"),
    "fetch of a closed port": () => fetch("http://127.0.0.1:1/"),
    "fetch of a connection that is lost": () => fetch(`${ECHO}/lost`),
    "fetch with cf": () => fetch(echo, { cf: { cacheTtl: 5, cacheEverything: true } }),
    "fetch that follows": () => fetch(`${ECHO}/redirect?to=/text`),
    "fetch that follows a POST": () => fetch(`${ECHO}/redirect?to=/echo&status=307`, init),
    "fetch that follows by GET": () => fetch(`${ECHO}/redirect?to=/echo&status=303`, init),
    "fetch that does not follow": () => fetch(`${ECHO}/redirect?to=/text`, { redirect: "manual" }),
    "fetch that refuses": () => fetch(`${ECHO}/redirect?to=/text`, { redirect: "error" }),
    "fetch that follows for ever": () => fetch(`${ECHO}/redirect?to=/redirect`),
    "fetch of cookies": () => fetch(`${ECHO}/cookies`),
    "fetch of 204": () => fetch(`${ECHO}/status?status=204`),
    "fetch of 304": () => fetch(`${ECHO}/status?status=304`),
    "fetch of 503": () => fetch(`${ECHO}/status?status=503`),
    "fetch HEAD": () => fetch(echo, { method: "HEAD" }),
    "fetch of a form": () =>
      fetch(echo, { method: "POST", body: new URLSearchParams({ a: "1 2" }) }),
    "fetch of a stream": () => fetch(echo, { method: "POST", body: new Response("streamed").body }),
    "fetch of a stream that fails": () => {
      const body = new ReadableStream({
        pull(controller) {
          controller.error(new RangeError("of the stream"));
        },
      });
      return fetch(echo, { method: "POST", body });
    },
    "fetch of a stream of a known length": async () => {
      const { readable, writable } = new FixedLengthStream(8);
      const [answer] = await Promise.all([
        fetch(echo, { method: "POST", body: readable }),
        new Response("streamed").body?.pipeTo(writable),
      ]);
      return answer;
    },
    "fetch with keys of a promise": () => Object.keys(fetch(echo)),
    "fetch aborted before": () => aborted(AbortSignal.abort()),
    "fetch aborted for a reason": () => aborted(AbortSignal.abort("a reason")),
    "fetch aborted later": async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new RangeError("changed my mind")), 20);
      return aborted(controller.signal);
    },
    "fetch that takes too long": () => aborted(AbortSignal.timeout(20)),
    "fetch aborted in its body": async () => {
      const controller = new AbortController();
      const { body } = await fetch(`${ECHO}/drip`, { signal: controller.signal });
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      controller.abort();
      for (;;) if ((await reader.read()).done) return "ended";
    },
    "fetch cancelled in its body": async () => {
      const { body } = await fetch(`${ECHO}/drip`);
      return body?.cancel("enough");
    },
    "fetch aborted with a Request": async () => {
      const controller = new AbortController();
      const request = new Request(`${ECHO}/slow`, { signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      return fetch(request);
    },
  };
}
