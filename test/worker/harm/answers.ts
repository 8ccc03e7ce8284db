/** What the application answers to a client: bodies, headers, sockets, and all that may be thrown. */
import type { Given } from "./env.ts";
import { called, fail } from "./receivers.ts";
import { shown } from "./shown.ts";

type Answer = (given: Given & { query: URLSearchParams }) => Response | Promise<Response>;

const noted: Record<string, unknown> = {};
const forward = (request: Request, to: string, path: string): Request =>
  new Request(new URL(path, to), request);

const ANSWERS: Record<string, Answer> = {
  "/plain": async ({ request }) =>
    new Response(JSON.stringify([request.method, await request.text()])),
  "/echo": ({ request }) => {
    // Not handed on as it is, because wrangler drains what is not read yet.
    const { readable, writable } = new IdentityTransformStream();
    void request.body?.pipeTo(writable);
    return new Response(readable, { headers: { "x-sent": [...request.headers.keys()].join() } });
  },
  "/echo-object": ({ request, env }) =>
    env.ROOMS.getByName("one").fetch(forward(request, "http://room", "/")),
  "/echo-upstream": ({ request, env }) => fetch(forward(request, env.ECHO, "/echo")),
  "/bytes": ({ query }) => {
    const { readable, writable } = new FixedLengthStream(Number(query.get("size")));
    void new Response(new Uint8Array(Number(query.get("size"))).fill(7)).body?.pipeTo(writable);
    return new Response(readable);
  },
  "/many-bytes": ({ query }) => {
    let left = Number(query.get("chunks"));
    return new Response(
      new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(new Uint8Array(64 * 1024).fill(left));
          else controller.close();
        },
      }),
    );
  },
  "/upstream-bytes": ({ env, query }) => fetch(`${env.ECHO}/bytes?size=${query.get("size")}`),
  "/form": async ({ request }) => Response.json(await shown(await request.formData())),
  "/cookies": () => {
    const headers = new Headers([
      ["set-cookie", "a=1; Path=/"],
      ["set-cookie", "b=2"],
      ["X-Case", "Kept"],
    ]);
    return new Response("cookies", { headers });
  },
  "/redirect": ({ request }) => Response.redirect(new URL("/plain", request.url).href, 307),
  "/status": ({ query }) =>
    new Response(query.has("body") ? "body" : null, {
      status: Number(query.get("status")),
      statusText: "As Said",
    }),
  "/error": () => Response.error(),
  "/nothing": () => undefined as never,
  "/text": () => "no response" as never,
  "/lookalike": () => ({ status: 200, headers: new Headers() }) as never,
  "/used": async () => {
    const used = new Response("used");
    await used.text();
    return used;
  },
  "/cf": async ({ request }) => {
    const { colo, country, httpProtocol } = (request.cf ?? {}) as Record<string, unknown>;
    return Response.json([
      typeof colo,
      typeof country,
      httpProtocol,
      request.headers.get("cf-connecting-ip"),
    ]);
  },
  "/ranges": ({ request }) =>
    new Response("part", {
      status: 206,
      headers: { "content-range": "bytes 0-3/9", "x-range": request.headers.get("range") ?? "" },
    }),
  "/gzip": () => new Response("compressed", { headers: { "content-encoding": "gzip" } }),
  "/rewritten": ({ env }) =>
    fetch(`${env.ECHO}/html`).then((page) =>
      new HTMLRewriter().on("p", { element: (one) => void one.append("!") }).transform(page),
    ),
  "/fails-later": () =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode("begun"));
          await scheduler.wait(20);
          controller.error(new RangeError("of the body"));
        },
      }),
    ),
  "/throw": ({ query }) => fail(query.get("value") ?? ""),
  "/reject": async ({ query }) => {
    await scheduler.wait(1);
    return fail(query.get("value") ?? "");
  },
  "/throw-passing": ({ ctx, query }) => {
    ctx.passThroughOnException();
    return fail(query.get("value") ?? "");
  },
  "/wait-rejected": ({ ctx }) => {
    ctx.waitUntil(Promise.reject(new RangeError("in the background")));
    return new Response("answered");
  },
  "/abort": ({ ctx }) => {
    (ctx as unknown as { abort(reason: unknown): void }).abort(new RangeError("aborted"));
    return new Response("answered");
  },
  "/service-throws": ({ env, query }) => env.DESK.fetch(`http://desk/throw?${query}`),
  "/object-throws": ({ env, query }) =>
    env.ROOMS.getByName("thrower").fetch(`http://room/throw?${query}`),
  "/self-throws": ({ env, query }) => env.SELF.fetch(`http://self/throw?${query}`),
  "/hang-up": ({ request, query }) => {
    const key = query.get("key") ?? "";
    request.signal.addEventListener("abort", () => {
      noted[`${key} signal`] = ["aborted", String(request.signal.reason)];
    });
    return new Response(
      new ReadableStream({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode("word "));
          await scheduler.wait(5);
        },
        cancel(reason) {
          noted[key] = ["cancelled", String(reason)];
        },
      }),
    );
  },
  "/noted": () => Response.json({ ...noted, ...called }),
  "/socket": ({ request }) => {
    if (request.headers.get("upgrade") !== "websocket")
      return new Response("upgrade", { status: 426 });
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener("message", ({ data }) => {
      if (data === "close") server.close(4001, "as asked");
      else server.send(JSON.stringify(["accepted", typeof data === "string" ? data : "bytes"]));
    });
    return new Response(null, { status: 101, webSocket: client, headers: { "x-by": "accepted" } });
  },
  "/socket-object": ({ request, env }) => env.ROOMS.getByName("sockets").fetch(request),
  "/socket-self": ({ request, env }) => env.SELF.fetch(new Request("http://self/socket", request)),
  "/send": async ({ env, query }) => {
    await env.QUEUE.send({ kind: "throw", name: query.get("value") });
    return new Response("sent");
  },
  "/send-all": async ({ env }) => {
    for (const kind of ["ack", "retry", "ackAll", "retryAll", "shown"])
      await env.QUEUE.send({ kind, map: new Map([["a", new Date(1)]]) }, { contentType: "v8" });
    return new Response("sent");
  },
  "/arm": async ({ env, query }) => {
    const name = query.get("value") ?? "";
    await (
      env.ROOMS.getByName(`alarm ${name}`) as unknown as { arm(name: string): Promise<void> }
    ).arm(name);
    return new Response("armed");
  },
  "/log": () => {
    console.log("text", { a: 1 }, [1]);
    console.warn("a warning");
    console.error(new RangeError("an error").message);
    console.debug("%s formatted", "is");
    return new Response("logged");
  },
};

export function answers(given: Given): Response | Promise<Response> {
  const { pathname, searchParams } = new URL(given.request.url);
  const answer = ANSWERS[pathname];
  return answer
    ? answer({ ...given, query: searchParams })
    : new Response("not found", { status: 404 });
}
