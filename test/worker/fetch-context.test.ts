import type { FetchOptions } from "edgespan";
import { describe, expect, inject, test } from "vitest";
import { invoke, request, traced } from "./invoke.ts";
import { type Outcome, outcomeOf, sentHeader } from "./outcome.ts";

const base = inject("echo");
const TRACE = "0af7651916cd43dd8448eb211c80319c";

const caller = (headers: Record<string, string>) => request("/", { headers });
const sampled = { traceparent: `00-${TRACE}-b7ad6b7169203331-01` };
const unsampled = { traceparent: `00-${TRACE}-b7ad6b7169203331-00` };

async function sent(
  call: () => unknown,
  { headers = {}, propagateTo }: { headers?: Record<string, string>; propagateTo?: unknown } = {},
) {
  const { value, spans, root } = await traced(() => outcomeOf(call), {
    request: caller(headers),
    options: { instrument: { fetch: { propagateTo } as FetchOptions } },
  });
  return { ...context(value), spans, root };
}

function context(outcome: Outcome) {
  if (!("echo" in outcome)) throw new Error(JSON.stringify(outcome));
  const read = (name: string) => sentHeader(outcome, name);
  return {
    traceparent: read("traceparent"),
    tracestate: read("tracestate"),
    baggage: read("baggage"),
  };
}

describe("an outgoing call", () => {
  test("carries the trace, its own span id, and the caller's tracestate and baggage", async () => {
    const headers = { ...sampled, tracestate: "a=1,b=2", baggage: "user=7" };
    const { spans, ...carried } = await sent(() => fetch(base), { headers });
    expect(carried).toMatchObject({
      traceparent: `00-${TRACE}-${spans[0]?.spanId}-01`,
      tracestate: "a=1,b=2",
      baggage: "user=7",
    });
  });

  test("tells that the trace is not sampled", async () => {
    const seen: ReturnType<typeof context>[] = [];
    const { spans } = await invoke(
      {
        async fetch() {
          seen.push(context(await outcomeOf(() => fetch(base))));
          return new Response();
        },
      },
      { request: caller(unsampled) },
    );
    expect(spans).toEqual([]);
    expect(seen).toEqual([
      {
        traceparent: expect.stringMatching(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`)),
        tracestate: undefined,
        baggage: undefined,
      },
    ]);
  });

  test("keeps the baggage that the application sets, beside the one of the trace", async () => {
    const call = () => fetch(base, { headers: { baggage: "user=mine,own=1" } });
    const { baggage } = await sent(call, { headers: { ...sampled, baggage: "user=7,tenant=9" } });
    expect(baggage?.split(",").toSorted()).toEqual(["own=1", "tenant=9", "user=mine"]);
  });

  test("keeps each of its other headers", async () => {
    const { value } = await traced(() =>
      outcomeOf(() => fetch(base, { headers: { authorization: "Bearer x", "X-Api-Key": "k" } })),
    );
    expect(value).toMatchObject({
      echo: { rawHeaders: expect.arrayContaining(["Bearer x", "X-Api-Key", "k"]) },
    });
  });

  test("that forwards the incoming request carries our span, and nothing stale", async () => {
    const incoming = new Request(`${base}/forwarded`, {
      headers: { ...sampled, tracestate: "theirs=1", baggage: "user=7", "x-kept": "yes" },
    });
    for (const forward of [
      () => fetch(incoming.clone()),
      () => fetch(base, incoming.clone()),
      () => fetch(base, { headers: incoming.headers }),
      () => fetch(new Request(base, incoming.clone())),
    ]) {
      const own = await sent(forward);
      expect(own).toMatchObject({
        traceparent: `00-${own.root.traceId}-${own.spans[0]?.spanId}-03`,
        tracestate: undefined,
        baggage: "user=7",
      });
      const joined = await sent(forward, { headers: { ...sampled, tracestate: "theirs=1" } });
      expect(joined).toMatchObject({
        traceparent: `00-${TRACE}-${joined.spans[0]?.spanId}-01`,
        tracestate: "theirs=1",
        baggage: "user=7",
      });
    }
  });

  test("carries nothing where no propagator is configured, and what it forwards stays", async () => {
    const headers = { ...sampled, tracestate: "theirs=1", baggage: "user=7" };
    const { value } = await traced(() => outcomeOf(() => fetch(base, { headers })), {
      options: { propagators: [] },
    });
    expect(context(value)).toEqual(headers);
  });
});

describe("propagateTo", () => {
  const none = { traceparent: undefined, tracestate: undefined, baggage: undefined };
  const headers = { ...sampled, tracestate: "a=1", baggage: "user=7" };
  const cases: [string, unknown, boolean][] = [
    ["the origin", [base], true],
    ["one of several origins", ["https://api.example.com", base], true],
    ["another origin", ["https://api.example.com"], false],
    ["an empty list", [], false],
    ["a pattern that matches", [/^http:\/\/127\.0\.0\.1/], true],
    ["a pattern that does not match", [/example\.com/], false],
    ["a function that agrees", (url: URL) => url.origin === base, true],
    ["a function that refuses", () => false, false],
    ["a function that throws", () => raise(), false],
  ];

  test.each(cases)("with %s", async (_kind, propagateTo, carries) => {
    const { traceparent, tracestate, baggage, spans } = await sent(() => fetch(base), {
      headers,
      propagateTo,
    });
    expect(spans).toMatchObject([{ kind: "CLIENT" }]);
    expect({ traceparent, tracestate, baggage }).toEqual(
      carries
        ? {
            traceparent: `00-${TRACE}-${spans[0]?.spanId}-01`,
            tracestate: "a=1",
            baggage: "user=7",
          }
        : none,
    );
  });

  test("matches a pattern with the flag g each time", async () => {
    const { value } = await traced(
      async () => [await outcomeOf(() => fetch(base)), await outcomeOf(() => fetch(base))],
      { options: { instrument: { fetch: { propagateTo: [/127/g] } } } },
    );
    expect(value.map((outcome) => typeof context(outcome).traceparent)).toEqual([
      "string",
      "string",
    ]);
  });

  test("leaves what the application itself sends as it is", async () => {
    const call = () => fetch(base, { headers: { traceparent: "theirs", tracestate: "t=1" } });
    expect(await sent(call, { propagateTo: [] })).toMatchObject({
      traceparent: "theirs",
      tracestate: "t=1",
    });
  });

  function raise(): never {
    throw new Error("no opinion");
  }
});

test("instrument.fetch: false makes no span and adds no header", async () => {
  const { value, spans } = await traced(() => outcomeOf(() => fetch(base)), {
    request: caller(sampled),
    options: { instrument: { fetch: false } },
  });
  expect(spans).toEqual([]);
  expect(context(value).traceparent).toBeUndefined();
});
