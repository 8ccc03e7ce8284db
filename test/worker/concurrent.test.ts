/** Trust, redaction, capture, limits and the tail sampler, where many invocations share an isolate. */
import { type Options, span } from "edgespan";
import { capture } from "edgespan/capture";
import { tail } from "edgespan/sampling";
import { expect, test } from "vitest";
import { type FetchHandler, sleep } from "./invoke.ts";
import { serve } from "./isolate.ts";

const COUNT = 300;

const traceIdOf = (id: number): string => String(id + 1).padStart(32, "0");
const parentOf = (id: number): string => `00-${traceIdOf(id)}-${"1".repeat(16)}-01`;

/** Every third request fails, and has one span too many. */
const handler: FetchHandler = {
  async fetch({ url }) {
    const id = Number(new URL(url).pathname.slice(1));
    await span("work", { id, secret: `secret ${id}` }, async () => {
      await sleep((id * 7) % 11);
      if (id % 3 === 0) await span("one too many", { id }, () => sleep((id * 3) % 5));
    });
    return new Response(String(id), { status: id % 3 === 0 ? 500 : 200 });
  },
};

const options: Options = {
  trust: (request) => (request as Request).headers.get("x-partner") === "yes",
  capture: capture({ requestHeaders: ["x-tenant"], baggage: ["tenant.id"] }),
  redact(finished) {
    if (finished.attributes["secret"]) finished.setAttribute("secret", "gone");
  },
  limits: { maxSpans: 2 },
  sampling: { tail: tail([{ errors: true }, { ratio: 0 }], { explain: true }) },
};

test("each of 300 requests at once is sampled, trusted, limited and told by itself", async () => {
  const { send, collector } = serve(handler, {}, {}, options);
  const ids = Array.from({ length: COUNT }, (_, id) => id);
  await Promise.all(
    ids.map((id) =>
      send(`/${id}`, {
        headers: {
          traceparent: parentOf(id),
          baggage: `tenant.id=t${id}`,
          "x-tenant": `t${id}`,
          "x-partner": id % 2 ? "yes" : "no",
        },
      }),
    ),
  );
  const kept = ids.filter((id) => id % 3 === 0);
  await collector.waitForSpans(kept.length * 2);
  const told = collector.traces().map(({ traceId, roots }) => {
    const [root, ...others] = roots;
    const id = Number(root?.attributes["url.path"]?.toString().slice(1));
    return { id, traceId, root, others };
  });
  expect(told.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(kept);
  for (const { id, traceId, root, others } of told) {
    const isTrusted = id % 2 === 1;
    expect(traceId === traceIdOf(id)).toBe(isTrusted);
    expect([others, root?.links.map((link) => link.traceId)]).toEqual([
      [],
      isTrusted ? [] : [traceIdOf(id)],
    ]);
    const tenant = isTrusted ? { "tenant.id": `t${id}` } : {};
    expect(root?.status.code).toBe("ERROR");
    expect(root?.attributes).toMatchObject({
      "http.request.header.x-tenant": [`t${id}`],
      "edgespan.dropped_spans_count": 1,
      "edgespan.tail.rule": "errors",
      ...tenant,
    });
    expect(root?.children.map(({ name, attributes }) => [name, attributes])).toEqual([
      ["work", { id, secret: "gone", ...tenant }],
    ]);
  }
});
