/** What one request costs more than bare: sampled, sampled out, and turned off. */
import { createFakeExecutionContext, createFakeLambdaContext } from "edgespan/testing";
import { wrapHandler } from "edgespan/lambda";
import { probability, tail } from "edgespan/sampling";
import { instrument } from "edgespan/worker";

type Row = Record<string, string | number>;
type Call = () => Promise<unknown>;

const exporter = {
  url: "http://127.0.0.1/v1/traces",
  fetch: async () => ({ status: 200, body: null }),
};
const UNSAMPLED = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" };

export async function benchRequests(): Promise<Row[]> {
  return [
    ...(await compare("Worker", worker())),
    ...(await compare("Worker, KV", kv())),
    ...(await compare("Lambda", lambda())),
  ];
}

async function compare(platform: string, calls: Record<string, Call>): Promise<Row[]> {
  const rows: Row[] = [];
  let bare = 0;
  for (const [what, call] of Object.entries(calls)) {
    const micros = await cpuMicros(call);
    bare ||= micros;
    rows.push({
      platform,
      what,
      "CPU µs": round(micros),
      "CPU µs over bare": round(micros - bare),
    });
  }
  return rows;
}

const ROUNDS = 60;
const CONCURRENT = 1_000;

/**
 * CPU time of one request with all that follows it, as the median of rounds of concurrent
 * ones: the time on the clock would count the wait that lets the response leave first.
 */
async function cpuMicros(call: Call): Promise<number> {
  const rounds: number[] = [];
  for (let count = 0; count < ROUNDS; count++) {
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: CONCURRENT }, call));
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / CONCURRENT);
  }
  // The first third warms up.
  const warm = rounds.slice(ROUNDS / 3).toSorted((a, b) => a - b);
  return warm[warm.length >> 1] ?? 0;
}

function round(micros: number): number {
  return Math.round(micros * 100) / 100;
}

function worker(): Record<string, Call> {
  const handler = () => ({
    fetch: async (_request: Request, _env: unknown, _ctx: unknown) => new Response("ok"),
  });
  const call = (target: ReturnType<typeof handler>, headers: Record<string, string> = {}): Call => {
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

/** A class of the name by which edgespan knows a KV namespace. */
class KvNamespace {
  async get(key: string): Promise<string> {
    return key;
  }
}

/**
 * Requests that read from KV, or could; the bare ones come first, before the class is
 * instrumented. More reads than these would fill the export's queue, which is cheaper.
 */
function kv(): Record<string, Call> {
  const env = { SESSIONS: new KvNamespace() };
  const handler = (reads: number) => ({
    async fetch(_request: Request, { SESSIONS }: typeof env, _ctx: unknown): Promise<Response> {
      for (let count = 0; count < reads; count++) await SESSIONS.get("session");
      return new Response("ok");
    },
  });
  const call = (target: ReturnType<typeof handler>, headers: Record<string, string> = {}): Call => {
    const request = new Request("https://shop.example/orders/42", { headers });
    return async () => {
      const ctx = createFakeExecutionContext();
      await target.fetch(request, env, ctx);
      await ctx.settled();
    };
  };
  const traced = (reads: number) => instrument(handler(reads), { exporter });
  return {
    "bare, 5 gets": call(handler(5)),
    "sampled, no gets": call(traced(0)),
    "sampled, 5 gets": call(traced(5)),
    "sampled out, no gets": call(traced(0), UNSAMPLED),
    "sampled out, 5 gets": call(traced(5), UNSAMPLED),
    "bare, 5 gets by the instrumented class": call(handler(5)),
  };
}

function lambda(): Record<string, Call> {
  const handler = async (_event: unknown, _context: unknown) => ({ statusCode: 200 });
  const traced = wrapHandler(handler, { exporter });
  const context = createFakeLambdaContext();
  const event = (headers: Record<string, string>): unknown => ({
    version: "2.0",
    rawPath: "/orders/42",
    rawQueryString: "",
    headers: { host: "shop.example", ...headers },
    requestContext: { http: { method: "GET", protocol: "HTTP/1.1" } },
  });
  return {
    bare: () => handler(event({}), context),
    "sampled, with its export encoded": () => traced(event({}), context),
    "sampled out": () => traced(event(UNSAMPLED), context),
  };
}
