/** The W3C's recommendations, demanded of `handlers/` in workerd and on Lambda's emulated HTTP. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Headers } from "../get.ts";
import { BAGGAGE, CALLER, type Case, TRACE, TRACEPARENT, TRACESTATE } from "./cases.ts";
import { SERVICES, type Service } from "./services.ts";

/** A header as it stood on the wire. */
type Sent = readonly [name: string, value: string];

interface Upstream extends AsyncDisposable {
  readonly origin: string;
  /** The headers of each call since the last time. */
  take(): Sent[][];
}

async function serveUpstream(): Promise<Upstream> {
  let calls: Sent[][] = [];
  const server = createServer({ maxHeaderSize: 65_536 }, ({ rawHeaders }, response) => {
    const pairs = rawHeaders.flatMap((name, at): Sent[] =>
      at % 2 ? [] : [[name, rawHeaders[at + 1] ?? ""]],
    );
    calls.push(pairs);
    response.end("{}");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = calls;
      calls = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Posts to the route over a connection of its own; `fetch` would join and change headers. */
function post(url: string, headers: Headers, body: unknown): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json", ...headers },
    } as const;
    const sent = request(new URL("/trace-context", url), options, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    sent.on("error", reject).end(JSON.stringify(body));
  });
}

const quiet = { OTEL_TRACES_EXPORTER: "none" };

describe.each(SERVICES)("%s", (_, start) => {
  let upstream: Upstream;
  let service: Service;
  beforeAll(async () => {
    upstream = await serveUpstream();
    service = await start({ ...quiet, TRACE_CONTEXT_SUITE: upstream.origin });
  });
  afterAll(async () => {
    await service.close();
    await upstream[Symbol.asyncDispose]();
  });

  /** Sends a request with `headers`, and answers what the calls it is told to make carried. */
  async function sent(headers: Headers, count = 1): Promise<Sent[][]> {
    const calls = Array.from({ length: count }, (_one, at) => ({
      url: `${upstream.origin}/${at}`,
      arguments: [],
    }));
    expect(await post(service.url, headers, calls)).toBe(200);
    return upstream.take();
  }

  it.each([...TRACEPARENT, ...TRACESTATE, ...BAGGAGE])(
    "$title",
    async ({ headers, heard }: Case) => {
      const [call = [], ...others] = await sent(headers);
      expect(others).toEqual([]);
      const found = call.filter(([name]) => /^(traceparent|tracestate|baggage)$/i.test(name));
      const { continued, flags = continued ? "01" : "03", tracestate, baggage } = heard;
      const id = continued ? TRACE : `(?!${TRACE}|${TRACE.toUpperCase()})(?!0{32})[0-9a-f]{32}`;
      const parent = `^00-${id}-(?!${CALLER}|0{16})[0-9a-f]{16}-${flags}$`;
      // One header of each name, in lower case.
      expect(Object.fromEntries(found)).toEqual({
        traceparent: expect.stringMatching(parent) as string,
        ...(tracestate && { tracestate }),
        ...(baggage && { baggage }),
      });
      expect(found).toHaveLength(1 + (tracestate ? 1 : 0) + (baggage ? 1 : 0));
    },
  );

  const ids = (calls: Sent[][], part: number): Set<unknown> =>
    new Set(calls.map((call) => Object.fromEntries(call)["traceparent"]?.split("-")[part]));

  it.each<[string, Headers]>([
    ["that continues a trace", { traceparent: `00-${TRACE}-${CALLER}-01` }],
    ["that begins one", {}],
    ["whose traceparent is wrong", { traceparent: `00-${"0".repeat(32)}-${CALLER}-01` }],
  ])(
    "TC1 3.4 MUST: each call of a request %s has a parent-id of its own",
    async (_title, headers) => {
      const calls = await sent(headers, 3);
      expect([ids(calls, 1).size, ids(calls, 2).size]).toEqual([1, 3]);
    },
  );

  it("TC2 5 MUST: the right-most 7 bytes of a trace-id that is flagged as random are", async () => {
    const calls = await Promise.all(Array.from({ length: 20 }, () => sent({})));
    const random = calls
      .flat()
      .map((call) => Object.fromEntries(call)["traceparent"]?.slice(21, 35));
    expect(new Set(random).size).toBe(20);
  });
});

describe.each(SERVICES)("%s is no open proxy", (_, start) => {
  it("without TRACE_CONTEXT_SUITE, and calls no other origin with it", async () => {
    await using upstream = await serveUpstream();
    const calls = [{ url: `${upstream.origin}/0`, arguments: [] }];
    for (const [variables, status] of [
      [quiet, 404],
      [{ ...quiet, TRACE_CONTEXT_SUITE: "true" }, 403],
      [{ ...quiet, TRACE_CONTEXT_SUITE: "http://127.0.0.1:9" }, 403],
    ] as const) {
      const service = await start(variables);
      expect(await post(service.url, {}, calls)).toBe(status);
      await service.close();
    }
    expect(upstream.take()).toEqual([]);
  });

  it("nor takes anything for calls that are none", async () => {
    const service = await start({ ...quiet, TRACE_CONTEXT_SUITE: "http://127.0.0.1:9" });
    const bodies = [undefined, null, {}, [null], ["http://127.0.0.1:9"], [{ url: "/0" }], [{}]];
    const statuses = [];
    for (const body of bodies) statuses.push(await post(service.url, {}, body));
    await service.close();
    expect(statuses).toEqual(bodies.map(() => 400));
  });
});
