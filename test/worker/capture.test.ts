import { env, runInDurableObject } from "cloudflare:test";
import { DurableObject } from "cloudflare:workers";
import { context, propagation } from "@opentelemetry/api";
import { span } from "edgespan";
import { capture, type CaptureOptions } from "edgespan/capture";
import { createCollector } from "edgespan/testing";
import { instrumentDurableObject } from "edgespan/worker";
import { describe, expect, inject, test } from "vitest";
import { exporterOf, invoke, request, thrownBy, traced } from "./invoke.ts";

interface Fetches {
  fetch(url: string, init: RequestInit): Promise<Response>;
}
const { PRICES, CARTS } = env as unknown as {
  PRICES: Fetches;
  CARTS: DurableObjectNamespace;
};

const headers = {
  "x-tenant": "acme",
  authorization: "Bearer hunter2",
  cookie: "session=hunter2",
  "cf-connecting-ip": "203.0.113.7",
  "x-forwarded-for": "198.51.100.1",
  baggage: "tenant.id=acme,user=ada",
};

async function recorded(options: CaptureOptions | undefined) {
  const handler = {
    async fetch(): Promise<Response> {
      const sent = {
        headers: { "X-Own": "a", "x-tenant": "sent" },
        method: "POST",
        body: "hunter2",
      };
      await fetch(`${inject("echo")}/a?token=hunter2&page=2`, sent);
      await fetch(new Request(inject("echo"), { headers: { "x-own": "b" } }));
      await fetch(inject("echo"));
      return new Response("hunter2", { headers: { "X-Served": "us", "set-cookie": "s=hunter2" } });
    },
  };
  const { spans } = await invoke(handler, {
    request: request("/?api_key=hunter2&TOKEN=hunter2&page=2", { headers }),
    options: { ...(options && { capture: capture(options) }) },
  });
  const server = spans.find(({ kind }) => kind === "SERVER");
  return { spans, server, clients: spans.filter(({ kind }) => kind === "CLIENT") };
}

const named = (attributes: Record<string, unknown> | undefined, part: RegExp) =>
  Object.fromEntries(Object.entries(attributes ?? {}).filter(([name]) => part.test(name)));

describe("without being asked", () => {
  test.each([undefined, {}])(
    "no header, body or client address is recorded: %j",
    async (options) => {
      const { spans } = await recorded(options);
      expect(spans).toHaveLength(4);
      for (const { attributes } of spans)
        expect(named(attributes, /header|client|tenant/)).toEqual({});
      const all = spans.map(({ attributes }) => {
        const { "url.full": _full, "url.query": _query, ...rest } = attributes;
        return rest;
      });
      expect(JSON.stringify(all)).not.toMatch(/hunter2|203\.0|198\.51/);
    },
  );
});

test("nothing of what is sent or answered changes", async () => {
  const all = ["x-own", "x-served", "content-type", "x-served-by"];
  const options = { capture: capture({ requestHeaders: all, responseHeaders: all }) };
  const answer = new Response("answer", { headers: { "x-served": "us" } });
  const echoed: unknown[] = [];
  const handler = {
    async fetch(): Promise<Response> {
      const sent = new Request(inject("echo"), {
        method: "POST",
        body: "sent",
        headers: { "x-own": "a" },
      });
      echoed.push(await (await fetch(sent)).json(), sent.bodyUsed);
      return answer;
    },
  };
  const { response, spans } = await invoke(handler, { options });
  expect(response).toBe(answer);
  expect([await response.text(), echoed]).toEqual([
    "answer",
    [expect.objectContaining({ method: "POST", body: "sent" }), true],
  ]);
  expect(spans).toHaveLength(2);
});

describe("where it is asked for", () => {
  test("headers are recorded by name, in and out, each as a list", async () => {
    const { server, clients } = await recorded({
      requestHeaders: ["X-Tenant", "x-own", "x-none"],
      responseHeaders: ["x-served", "X-Served-By"],
    });
    expect(named(server?.attributes, /header|client/)).toEqual({
      "http.request.header.x-tenant": ["acme"],
      "http.response.header.x-served": ["us"],
    });
    const served = { "http.response.header.x-served-by": ["echo"] };
    expect(clients.map(({ attributes }) => named(attributes, /header|client/))).toEqual([
      {
        "http.request.header.x-own": ["a"],
        "http.request.header.x-tenant": ["sent"],
        ...served,
      },
      { "http.request.header.x-own": ["b"], ...served },
      served,
    ]);
  });

  test("the client's address is what Cloudflare tells, and never what a client may write", async () => {
    const { server, clients } = await recorded({ clientAddress: true });
    expect(named(server?.attributes, /header|client/)).toEqual({ "client.address": "203.0.113.7" });
    for (const { attributes } of clients) expect(named(attributes, /client/)).toEqual({});
  });

  test("baggage members become attributes of every span, under their names", async () => {
    const { spans } = await recorded({ baggage: ["tenant.id", "none"] });
    for (const { attributes } of spans)
      expect(named(attributes, /tenant|user|none/)).toMatchObject({ "tenant.id": "acme" });
    expect(JSON.stringify(spans)).not.toContain("ada");
  });

  test("baggage that the application sets becomes an attribute of the spans in it", async () => {
    const { root, spans } = await traced(
      () => {
        const baggage = propagation.createBaggage({ "tenant.id": { value: "own" } });
        context.with(propagation.setBaggage(context.active(), baggage), () =>
          span("inside", { "tenant.id": "mine" }, () => span("deeper", () => 1)),
        );
      },
      { options: { capture: capture({ baggage: ["tenant.id"] }) } },
    );
    expect(root.attributes["tenant.id"]).toBeUndefined();
    expect(spans.map(({ attributes }) => attributes["tenant.id"])).toEqual(["mine", "own"]);
  });

  test("baggage is there when the sampler decides", async () => {
    const seen: unknown[] = [];
    const head = {
      shouldSample(...[, , , , attributes]: unknown[]) {
        seen.push((attributes as Record<string, unknown>)["tenant.id"]);
        return { decision: 0 };
      },
    };
    await invoke(
      { fetch: () => new Response() },
      {
        request: request("/", { headers }),
        options: { sampling: { head }, capture: capture({ baggage: ["tenant.id"] }) },
      },
    );
    expect(seen).toEqual(["acme"]);
  });

  test("the user's own secret parameters are redacted beside the known ones, in and out", async () => {
    const { server, clients } = await recorded({
      secretParameters: ["token", "api_key", "a.c", "(["],
    });
    expect(server?.attributes["url.query"]).toBe("api_key=REDACTED&TOKEN=REDACTED&page=2");
    expect(clients[0]?.attributes["url.full"]).toBe(`${inject("echo")}/a?token=REDACTED&page=2`);
  });

  test("they are redacted wherever a span tells them, and however their names are written", async () => {
    const secretParameters = ["token", "filter[id]", "api key", "größe"];
    const written = "Token=hunter2&filter%5Bid%5D=hunter2&filter[id]=hunter2&api+key=hunter2";
    const query = `${written}&api%20key=hunter2&gr%C3%B6%C3%9Fe=hunter2;token=hunter2&page=2`;
    const nested = encodeURIComponent(`https://inner.test/?page=1&filter%5Bid%5D=hunter2`);
    const link = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    const { spans } = await invoke(
      {
        async fetch() {
          await thrownBy(() =>
            span("work", (active) => {
              active.setAttribute("url.full", `https://host/a;token=hunter2?${query}`);
              active.setAttribute("urls", [`https://host/?${query}`]);
              active.addEvent("retried", { "url.full": `https://host/?url=${nested}&page=2` });
              active.addLink({ context: link, attributes: { url: "/?token=hunter2#a" } });
              throw new TypeError(`Invalid URL: nope?${query}`);
            }),
          );
          // Refused by the platform, which quotes what it was given.
          await thrownBy(() => fetch(`ftp://host/?${query}`));
          const answered = { location: `/login?${query}`, "x-id": "1" };
          return new Response(null, { status: 302, headers: answered });
        },
      },
      {
        request: request(`/a;token=hunter2?${query}`, { headers: { referer: `/?${query}` } }),
        options: {
          capture: capture({
            secretParameters,
            requestHeaders: ["referer"],
            responseHeaders: ["location", "x-id"],
          }),
        },
      },
    );
    expect(JSON.stringify(spans)).not.toContain("hunter2");
    const [server, work] = spans;
    const told =
      "Token=REDACTED&filter%5Bid%5D=REDACTED&filter[id]=REDACTED&api+key=REDACTED&api%20key=REDACTED&gr%C3%B6%C3%9Fe=REDACTED&page=2";
    expect(server?.attributes).toMatchObject({
      "url.path": "/a;token=REDACTED",
      "url.query": told,
      "http.request.header.referer": [`/?${told}`],
      "http.response.header.location": [`/login?${told}`],
      "http.response.header.x-id": ["1"],
    });
    expect(work).toMatchObject({
      status: { message: `Invalid URL: nope?${told}` },
      attributes: { urls: [`https://host/?${told}`] },
      links: [{ attributes: { url: "/?token=REDACTED" } }],
    });
  });

  test("of a captured header that is a URL, credentials and known secrets are not recorded", async () => {
    const url = "https://me:hunter2@host/?X-Amz-Signature=hunter2";
    const { spans } = await invoke(
      { fetch: () => new Response(null, { status: 302, headers: { location: url } }) },
      { options: { capture: capture({ responseHeaders: ["location"] }) } },
    );
    expect(spans[0]?.attributes["http.response.header.location"]).toEqual([
      "https://REDACTED:REDACTED@host/?X-Amz-Signature=REDACTED",
    ]);
  });

  test.each<[string, () => Promise<unknown>]>([
    ["a service binding", () => PRICES.fetch("http://prices/", { headers: { "X-Own": "a" } })],
    [
      "a Durable Object",
      () => CARTS.getByName("a").fetch("http://cart/", { headers: { "X-Own": "a" } }),
    ],
  ])("headers to and from %s are recorded", async (_, call) => {
    const { spans } = await traced(call, {
      env,
      options: {
        capture: capture({ requestHeaders: ["X-own"], responseHeaders: ["content-type"] }),
      },
    });
    expect(named(spans[0]?.attributes, /header/)).toMatchObject({
      "http.request.header.x-own": ["a"],
      "http.response.header.content-type": [expect.stringMatching(/^(text|application)/)],
    });
  });

  test("what a Durable Object is sent, and answers, is recorded and redacted as a Worker's is", async () => {
    const collector = createCollector();
    const Traced = instrumentDurableObject(
      class extends DurableObject {
        override async fetch(_request: Request): Promise<Response> {
          return span("inner", { password: "hunter2" }, () =>
            Response.json(1, { headers: { "x-served": "us" } }),
          );
        }
      },
      {
        ...exporterOf(collector),
        capture: capture({
          requestHeaders: ["x-own"],
          responseHeaders: ["X-Served"],
          clientAddress: true,
          secretParameters: ["token"],
        }),
        redact({ attributes }) {
          if (attributes["password"]) attributes["password"] = "…";
        },
      },
    );
    const sent = { headers: { "X-Own": "a", "cf-connecting-ip": "203.0.113.7" } };
    await runInDurableObject(CARTS.getByName("traced"), async (_cart, state) => {
      const answer = await new Traced(state, env).fetch(
        new Request("http://a/?token=hunter2", sent),
      );
      await answer.text();
    });
    await collector.waitForSpans(2);
    const [server, inner] = collector.spans();
    expect(server?.attributes).toMatchObject({
      "url.query": "token=REDACTED",
      "client.address": "203.0.113.7",
      "http.request.header.x-own": ["a"],
      "http.response.header.x-served": ["us"],
    });
    expect(inner?.attributes).toEqual({ password: "…" });
  });

  test("what is repeated, and what is secret, is recorded as it is where it is asked for", async () => {
    const answered = new Headers([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
    const { spans } = await invoke(
      { fetch: () => new Response(null, { headers: answered }) },
      {
        request: request("/", {
          headers: [
            ["AUTHORIZATION", "Bearer a"],
            ["x-a", "1"],
            ["X-A", "2"],
          ],
        }),
        options: {
          capture: capture({
            requestHeaders: ["Authorization", "x-A"],
            responseHeaders: ["Set-Cookie"],
          }),
        },
      },
    );
    expect(named(spans[0]?.attributes, /header/)).toEqual({
      "http.request.header.authorization": ["Bearer a"],
      "http.request.header.x-a": ["1, 2"],
      "http.response.header.set-cookie": ["a=1, b=2"],
    });
  });

  test("a parameter's name is no pattern, and a part of one is not redacted", async () => {
    const work = (): void =>
      span(
        "s",
        { "url.full": "https://host/?abc=1&xtoken=2&a.c=3&tokens=4&sig=5" },
        () => undefined,
      );
    const options = { capture: capture({ secretParameters: ["a.c", "token"] }) };
    const { spans } = await traced(work, { options });
    expect(spans[0]?.attributes["url.full"]).toBe(
      "https://host/?abc=1&xtoken=2&a.c=REDACTED&tokens=4&sig=5",
    );
  });
});
