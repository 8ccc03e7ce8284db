/** Requests to handlers that do nothing: bare, sampled, sampled out, and with tracing turned off. */
import { createFakeExecutionContext, createFakeLambdaContext } from "edgespan/testing";
import { wrapHandler } from "edgespan/lambda";
import { probability, tail } from "edgespan/sampling";
import { instrument } from "edgespan/worker";

export type Call = () => Promise<unknown>;

/** The calls of a platform by what they are; the first is the bare one, which the others are compared with. */
export type Calls = Record<string, Call>;

const exporter = {
  url: "http://127.0.0.1/v1/traces",
  fetch: async () => ({ status: 200, body: null }),
};
/** What a browser sends, about. */
const HEADERS = {
  accept: "application/json",
  "accept-encoding": "gzip, deflate, br",
  "accept-language": "en-GB,en;q=0.5",
  "cache-control": "no-cache",
  host: "shop.example",
  referer: "https://shop.example/orders",
  "sec-fetch-mode": "cors",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-proto": "https",
};
const UNSAMPLED = {
  ...HEADERS,
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
};

function worker(): Calls {
  const handler = () => ({
    fetch: async (_request: Request, _env: unknown, _ctx: unknown) => new Response("ok"),
  });
  const call = (
    target: ReturnType<typeof handler>,
    headers: Record<string, string> = HEADERS,
  ): Call => {
    const request = new Request("https://shop.example/orders/42", { headers });
    // As on the platform, where all requests of an isolate are given the same one.
    const env = {};
    return async () => {
      const ctx = createFakeExecutionContext();
      await target.fetch(request, env, ctx);
      await ctx.settled();
    };
  };
  const traced = instrument(handler(), { exporter });
  const dropping = instrument(handler(), { exporter, sampling: { head: probability(0) } });
  return {
    bare: call(handler()),
    "sampled, with its export encoded": call(traced),
    "sampled out": call(traced, UNSAMPLED),
    "sampled out by probability(0)": call(dropping),
    "sampled, dropped by tail([{ ratio: 0 }])": call(
      instrument(handler(), { exporter, sampling: { tail: tail([{ ratio: 0 }]) } }),
    ),
    disabled: call(instrument(handler(), { disabled: true })),
  };
}

interface Env {
  SESSIONS: { get(key: string): Promise<string> };
}

/** An `env` whose class, of the name by which edgespan knows a KV namespace, is its own. */
function freshEnv(): Env {
  return {
    SESSIONS: new (class KvNamespace {
      async get(key: string): Promise<string> {
        return key;
      }
    })(),
  };
}

/** Requests that read from KV, or could. More reads than these would fill the export's queue, which is cheaper. */
function kv(): Calls {
  const instrumented = freshEnv();
  const handler = (reads: number) => ({
    async fetch(_request: Request, { SESSIONS }: Env, _ctx: unknown): Promise<Response> {
      for (let count = 0; count < reads; count++) await SESSIONS.get("session");
      return new Response("ok");
    },
  });
  const call = (
    target: ReturnType<typeof handler>,
    headers: Record<string, string> = HEADERS,
    env = instrumented,
  ): Call => {
    const request = new Request("https://shop.example/orders/42", { headers });
    return async () => {
      const ctx = createFakeExecutionContext();
      await target.fetch(request, env, ctx);
      await ctx.settled();
    };
  };
  const traced = (reads: number) => instrument(handler(reads), { exporter });
  return {
    "bare, 5 gets": call(handler(5), HEADERS, freshEnv()),
    "sampled, no gets": call(traced(0)),
    "sampled, 5 gets": call(traced(5)),
    "sampled out, no gets": call(traced(0), UNSAMPLED),
    "sampled out, 5 gets": call(traced(5), UNSAMPLED),
    "bare, 5 gets by the instrumented class": call(handler(5)),
  };
}

function lambda(): Calls {
  const handler = async (_event: unknown, _context: unknown) => ({ statusCode: 200 });
  const context = createFakeLambdaContext();
  const call = (target: typeof handler, headers: Record<string, string> = HEADERS): Call => {
    return () =>
      target(
        {
          version: "2.0",
          rawPath: "/orders/42",
          rawQueryString: "",
          headers: { ...headers },
          requestContext: { http: { method: "GET", protocol: "HTTP/1.1" } },
        },
        context,
      );
  };
  const traced = wrapHandler(handler, { exporter });
  const dropping = wrapHandler(handler, { exporter, sampling: { head: probability(0) } });
  return {
    bare: call(handler),
    "sampled, with its export encoded": call(traced),
    "sampled out": call(traced, UNSAMPLED),
    "sampled out by probability(0)": call(dropping),
  };
}

export const PLATFORMS: Readonly<Record<string, () => Calls>> = {
  Worker: worker,
  "Worker, KV": kv,
  Lambda: lambda,
};
