/** Whatever a caller sends as context, the application answers as ever. */
import { expect, it } from "vitest";
import { type Headers, parsed, told } from "../get.ts";
import { rootOf, type Stage } from "../stage.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";
const good = `00-${traceId}-${parentId}-01`;
const other = `00-${"1".repeat(32)}-${"2".repeat(16)}-01`;

/** @see https://www.w3.org/TR/trace-context/#traceparent-header-field-values */
const NEW_TRACE: Record<string, Headers> = {
  "an empty traceparent": { traceparent: "" },
  text: { traceparent: "hello" },
  "a cut traceparent": { traceparent: good.slice(0, 40) },
  "upper-case hex": { traceparent: good.toUpperCase() },
  "digits that are not hex": { traceparent: good.replace("4bf9", "4bg9") },
  "a trace id of zeros": { traceparent: `00-${"0".repeat(32)}-${parentId}-01` },
  "a parent id of zeros": { traceparent: `00-${traceId}-${"0".repeat(16)}-01` },
  "a short trace id": { traceparent: `00-${traceId.slice(1)}-${parentId}-01` },
  "a long parent id": { traceparent: `00-${traceId}-${parentId}0-01` },
  "flags of one digit": { traceparent: good.slice(0, -1) },
  "flags that are not hex": { traceparent: `00-${traceId}-${parentId}-0x` },
  "the forbidden version ff": { traceparent: good.replace(/^00/, "ff") },
  "version 00 with more behind it": { traceparent: `${good}-more` },
  "two traceparents": { traceparent: [good, other] },
  "the same traceparent twice": { traceparent: [good, good] },
  "a traceparent of 8 KB": { traceparent: good.repeat(150) },
  "bytes beyond ASCII": { traceparent: `${good}\u00ff` },
  "tracestate alone": { tracestate: "a=1" },
};

const member = (index: number): string => `k${index}=v`;

const CONTINUED: Record<string, [Headers, traceState: string]> = {
  "a tracestate of two headers": [{ tracestate: ["a=1", "b=2"] }, "a=1,b=2"],
  "a tracestate with empty members": [{ tracestate: "a=1,,b=2, " }, "a=1,b=2"],
  "a tracestate without any member": [{ tracestate: "nothing here" }, ""],
  "an empty tracestate": [{ tracestate: "" }, ""],
  "baggage of 9,000 bytes": [{ baggage: `a=${"x".repeat(9_000)}` }, ""],
  "baggage of 300 members": [
    { baggage: Array.from({ length: 300 }, (_, i) => member(i)).join() },
    "",
  ],
  "baggage that is no percent-encoding": [{ baggage: "a=%ZZ,b=%E0%A4%A,=,;;,==" }, ""],
  "baggage that names a prototype": [{ baggage: "__proto__=1,constructor=2" }, ""],
  "bytes beyond ASCII in baggage": [{ baggage: "a=\u00ff\u00fe" }, ""],
  "a later version with more behind it": [{ traceparent: `cc-${good.slice(3)}-what-is-this` }, ""],
  "all flags set": [{ traceparent: `${good.slice(0, -2)}ff` }, ""],
};

export function refusesBadContext(stage: Stage): void {
  it.each(Object.entries(NEW_TRACE))("begins a new trace for %s", async (_, headers) => {
    const bare = told(await stage.bare.get("/text", headers));
    const { response, trace } = await stage.traced.traced("/text", 1, headers);
    expect(told(response)).toEqual(bare);
    expect(rootOf(trace)).toMatchObject({ parentSpanId: undefined, traceState: undefined });
    expect([traceId, "1".repeat(32)]).not.toContain(trace.traceId);
  });

  it.each(Object.entries(CONTINUED))("continues the trace with %s", async (_, [own, state]) => {
    const headers = { traceparent: good, ...own };
    const bare = told(await stage.bare.get("/text", headers));
    const { response, trace } = await stage.traced.traced("/text", 1, headers);
    expect(told(response)).toEqual(bare);
    const { traceState = "", ...root } = rootOf(trace);
    expect(root).toMatchObject({ traceId, parentSpanId: parentId });
    expect(traceState).toBe(state);
  });

  it("hands no upstream more state than W3C allows", async () => {
    const tracestate = Array.from({ length: 40 }, (_, index) => member(index)).join(",");
    const headers = { traceparent: good, tracestate };
    const { response, trace } = await stage.traced.traced(stage.upstream, 2, headers);
    expect(trace.traceId).toBe(traceId);
    const heard = JSON.stringify(parsed(response)["tracestate"] ?? "");
    expect(heard.split(",").length).toBeLessThanOrEqual(32);
  });
}
