/** Context comes in from the caller and goes out to whom the application calls. */
import { expect, it } from "vitest";
import { parsed } from "../get.ts";
import { quietTime, rootOf, type Stage } from "../stage.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const callerId = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${callerId}-01`;
const unsampled = `00-${traceId}-${callerId}-00`;

export function propagates(stage: Stage): void {
  it("begins a new trace where the caller sends no context", async () => {
    const first = await stage.traced.trace("/text", 1);
    const second = await stage.traced.trace("/text", 1);
    expect(rootOf(first).parentSpanId).toBeUndefined();
    expect(second.traceId).not.toBe(first.traceId);
  });

  it("continues the caller's trace", async () => {
    const trace = await stage.traced.trace("/seen", 1, { traceparent, tracestate: "a=1,b=2" });
    expect(rootOf(trace)).toMatchObject({ traceId, parentSpanId: callerId, traceState: "a=1,b=2" });
  });

  it("shows the handler its span, the caller's state and the caller's baggage", async () => {
    const baggage = "user=Zo%C3%AB, cart=42;ttl=1";
    const headers = { traceparent, tracestate: "a=1,b=2", baggage };
    const { response, trace } = await stage.traced.traced("/seen", 1, headers);
    expect(parsed(response)).toEqual({
      traceId,
      spanId: rootOf(trace).spanId,
      traceFlags: 1,
      traceState: "a=1,b=2",
      baggage: { user: "Zoë", cart: "42" },
    });
  });

  it("takes baggage also from a caller that sends no trace", async () => {
    const { response, trace } = await stage.traced.traced("/seen", 1, { baggage: "user=ada" });
    const { traceId: own } = trace;
    expect(parsed(response)).toMatchObject({
      baggage: { user: "ada" },
      traceFlags: 3,
      traceId: own,
    });
  });

  it("carries trace, state and baggage on to an upstream, under a client span", async () => {
    const context = { tracestate: "a=1,b=2", baggage: "user=ada,cart=42" };
    const headers = { traceparent, ...context };
    const { response, trace } = await stage.traced.traced(stage.upstream, 2, headers);
    const [client] = rootOf(trace).children;
    const url = new URL(new URL(stage.upstream, "http://x").searchParams.get("to") ?? "");
    expect(client).toMatchObject({
      traceId,
      name: "GET",
      kind: "CLIENT",
      status: { code: "UNSET" },
      traceState: "a=1,b=2",
    });
    expect(client?.attributes).toEqual({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "server.address": "127.0.0.1",
      "server.port": Number(url.port),
      "url.full": url.href,
    });
    const sent = { ...context, traceparent: `00-${traceId}-${client?.spanId}-01` };
    expect(parsed(response)).toMatchObject(sent);
  });

  it("sends an upstream no header but the context, and what it would have got anyway", async () => {
    const bare = parsed(await stage.bare.get(stage.upstream));
    const { response } = await stage.traced.traced(stage.upstream, 2, { baggage: "user=ada" });
    const { traceparent: parent, baggage, ...rest } = parsed(response);
    expect(parent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
    expect(baggage).toBe("user=ada");
    expect(rest).toEqual({ ...bare, connection: rest["connection"] });
  });

  it("sends the upstream of an unsampled trace the flag 00, and the backend nothing", async () => {
    const { collector, get, trace } = stage.traced;
    collector.reset();
    const headers = { traceparent: unsampled, baggage: "user=ada" };
    const heard = parsed(await get(stage.upstream, headers));
    expect(heard["traceparent"]).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    expect(heard["baggage"]).toBe("user=ada");
    await get("/spans", headers);
    await get("/throws", headers);
    await quietTime();
    expect(collector.requests).toBe(0);
    // The next one is sampled again.
    await trace("/text", 1);
  });
}
