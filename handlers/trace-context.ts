/**
 * The service that the W3C's test suite for Trace Context examines. It takes a JSON array of
 * `{ url, arguments }` and calls each `url` with a POST of its `arguments`:
 *
 *     npx wrangler dev --var TRACE_CONTEXT_SUITE:http://127.0.0.1:7777
 *     git clone https://github.com/w3c/trace-context && pip install aiohttp
 *     STRICT_LEVEL=2 python trace-context/test/test.py http://127.0.0.1:8787/trace-context
 *
 * To call whatever one is told to is what an open proxy does. So without the variable
 * `TRACE_CONTEXT_SUITE`, which no deployment should have, there is no such route; with it only its
 * origin is called, or that of the suite's default where it names none, and no redirect is followed.
 */
import { Hono } from "hono";
import { env } from "hono/adapter";

interface Call {
  url: string;
  arguments: unknown;
}

const DEFAULT = "http://127.0.0.1:7777";

export const traceContext = new Hono();

traceContext.post("/", async (c) => {
  const suite = env<{ TRACE_CONTEXT_SUITE?: string }>(c).TRACE_CONTEXT_SUITE;
  if (!suite) return c.notFound();
  const { origin } = new URL(URL.canParse(suite) ? suite : DEFAULT);
  const calls = await c.req.json<Call[]>();
  const isSuite = ({ url }: Call): boolean => URL.canParse(url) && new URL(url).origin === origin;
  if (!calls.every(isSuite)) return c.json({ error: `only ${origin} may be called` }, 403);
  for (const call of calls)
    await fetch(call.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(call.arguments),
      redirect: "manual",
    });
  return c.json({ called: calls.length });
});
