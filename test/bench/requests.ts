/** What one request costs more than bare: sampled, sampled out, and turned off. */
import { createFakeExecutionContext, createFakeLambdaContext } from "edgespan/testing";
import { wrapHandler } from "edgespan/lambda";
import { instrument } from "edgespan/worker";
import { measure } from "mitata";

type Row = Record<string, string | number>;
type Call = () => Promise<unknown>;

const exporter = {
  url: "http://127.0.0.1/v1/traces",
  fetch: async () => ({ status: 200, body: null }),
};
const UNSAMPLED = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" };

export async function benchRequests(): Promise<Row[]> {
  return [...(await compare("Worker", worker())), ...(await compare("Lambda", lambda()))];
}

async function compare(platform: string, calls: Record<string, Call>): Promise<Row[]> {
  const rows: Row[] = [];
  let bare = 0;
  for (const [what, call] of Object.entries(calls)) {
    const { p50 } = await measure(call);
    bare ||= p50;
    rows.push({ platform, what, µs: micros(p50), "µs over bare": micros(p50 - bare) });
  }
  return rows;
}

function micros(ns: number): number {
  return Math.round(ns / 10) / 100;
}

function worker(): Record<string, Call> {
  const handler = () => ({
    fetch: async (_request: Request, _env: unknown, _ctx: unknown) => new Response("ok"),
  });
  const call = (target: ReturnType<typeof handler>, headers: Record<string, string> = {}): Call => {
    const request = new Request("https://shop.example/orders/42", { headers });
    return async () => {
      const ctx = createFakeExecutionContext();
      await target.fetch(request, {}, ctx);
      await ctx.settled();
    };
  };
  const traced = instrument(handler(), { exporter });
  return {
    bare: call(handler()),
    "sampled, with its export encoded": call(traced),
    "sampled out": call(traced, UNSAMPLED),
    disabled: call(instrument(handler(), { disabled: true })),
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
