/**
 * The service that the W3C's test suite for Trace Context examines. It takes a JSON array of
 * `{ url, arguments }` and calls each `url` with a POST of its `arguments`:
 *
 *     npx wrangler dev --var TRACE_CONTEXT_SUITE:http://127.0.0.1:7777
 *     git clone https://github.com/w3c/trace-context && pip install aiohttp && cd trace-context/test
 *     STRICT_LEVEL=2 SPEC_LEVEL=2 python3 test.py http://127.0.0.1:8787/trace-context
 *
 * `npm run test:w3c -- ../trace-context/test` does so here and on Lambda's emulated HTTP.
 *
 * To call whatever one is told to is what an open proxy does. So without the variable
 * `TRACE_CONTEXT_SUITE`, which no deployment should have, there is no such route; with it only its
 * origin is called, or that of the suite's default where it names none, and no redirect is followed.
 */
import { Hono } from "hono";
import { env } from "hono/adapter";

interface Call {
  url: string;
  arguments?: unknown;
}

const DEFAULT = "http://127.0.0.1:7777";

export const traceContext = new Hono();

traceContext.post("/", async (c) => {
  const suite = env<{ TRACE_CONTEXT_SUITE?: string }>(c).TRACE_CONTEXT_SUITE;
  if (!suite) return c.notFound();
  const { origin } = new URL(URL.canParse(suite) ? suite : DEFAULT);
  const calls: unknown = await c.req.json().catch(() => undefined);
  if (!Array.isArray(calls) || !calls.every(isCall))
    return c.json({ error: "a JSON array of { url, arguments } is expected" }, 400);
  if (!calls.every(({ url }) => new URL(url).origin === origin))
    return c.json({ error: `only ${origin} may be called` }, 403);
  for (const call of calls)
    await fetch(call.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(call.arguments ?? []),
      redirect: "manual",
    });
  return c.json({ called: calls.length });
});

function isCall(one: unknown): one is Call {
  const url: unknown = (one as Call | null)?.url;
  return typeof url === "string" && URL.canParse(url);
}
