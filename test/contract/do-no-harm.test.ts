/**
 * One application, run bare and instrumented by real workerd, sees and answers the same. What
 * cannot be the same stands in a table, with its reason.
 */
import { createHash } from "node:crypto";
import { createCollector, serveCollector } from "edgespan/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Told, ask, converse, hangUp } from "./harm/ask.ts";
import { serveEcho } from "./harm/echo.ts";
import { isKnown, unmet } from "./harm/known.ts";
import { type Application, startApplication } from "./harm/run.ts";

const collector = createCollector();
const resources = new AsyncDisposableStack();
let bare: Application;
let traced: Application;

beforeAll(async () => {
  const { endpoint } = resources.use(await serveCollector(collector));
  const echo = await serveEcho(resources);
  [bare, traced] = await Promise.all([
    startApplication(true, { endpoint, echo, resources }),
    startApplication(false, { endpoint, echo, resources }),
  ]);
});
afterAll(() => resources.disposeAsync());

/** Does the same with both, and expects that the same comes of it. */
async function same<T>(work: (app: Application) => Promise<T>): Promise<T> {
  const [expected, actual] = await Promise.all([work(bare), work(traced)]);
  expect(actual).toEqual(expected);
  return expected;
}

type Results = Record<string, [how: string, ...unknown[]]>;

/** What the local platform refuses, however it is called. */
const REFUSED = /^(D1\.dump|SECRET\.get|ROOMS\.jurisdiction) /;

describe("within an invocation, there is no difference that is not known in", () => {
  it.each([
    "kv",
    "r2",
    "d1",
    "queues",
    "objects",
    "services",
    "cache",
    "others",
    "environment",
    "context",
    "globals",
    "handlers",
    "outgoing",
    "bodies",
    "rpc-service",
    "rpc-object",
    "rpc-exports",
  ])("%s", async (group) => {
    const [expected, actual] = await Promise.all(
      [bare, traced].map(async ({ url }) => {
        const response = await fetch(new URL(group, url));
        const text = (await response.text()).replaceAll(url.host, "host");
        return JSON.parse(text) as Results;
      }),
    );
    const unknown = (results: Results = {}): Results =>
      Object.fromEntries(Object.entries(results).filter(([name]) => !isKnown(group, name)));
    expect(unknown(actual)).toEqual(unknown(expected));
    expect(unmet(group, expected, actual)).toEqual([]);
    const strange = Object.entries(expected ?? {}).filter(([name, [how]]) =>
      name.endsWith(" plainly") && !REFUSED.test(name) ? how !== "returned" : how === "hangs",
    );
    expect(strange).toEqual([]);
  });
});

const MEGABYTES = 50 * 1024 * 1024;
const form = [
  "--x",
  'content-disposition: form-data; name="a"',
  "",
  "1",
  "--x",
  'content-disposition: form-data; name="file"; filename="f.txt"',
  "content-type: text/x",
  "",
  "content",
  "--x--",
  "",
].join("\r\n");

describe("a client gets the same answer", () => {
  const asked = async (path: string, sent?: Parameters<typeof ask>[1]): Promise<Told> =>
    same(({ url }) => ask(new URL(path, url), sent));

  it.each([
    ["/plain", 200],
    ["/none", 404],
    ["/cookies", 200],
    ["/redirect", 307],
    ["/status?status=204", 204],
    ["/status?status=304", 304],
    ["/status?status=599&body", 599],
    ["/status?status=204&body", 500],
    ["/error", 500],
    ["/nothing", 500],
    ["/text", 500],
    ["/lookalike", 500],
    ["/used", 500],
    ["/cf", 200],
    ["/ranges", 206],
    ["/gzip", 200],
    ["/rewritten", 200],
    ["/fails-later", 200],
    ["/wait-rejected", 200],
    ["/log", 200],
    ["/socket", 426],
  ])("of %s", async (path, status) => {
    expect(await asked(path)).toMatchObject({ status });
  });

  it("to HEAD, to a method of its own, and to repeated headers", async () => {
    const told = await asked("/cookies", { method: "HEAD" });
    expect(told.headers).toContain("Set-Cookie: b=2");
    await asked("/bytes?size=1000", { method: "HEAD" });
    await asked("/plain", { method: "PURGE" });
    await asked("/ranges", { headers: { range: "bytes=0-3", "x-a": ["1", "2"] } });
    await asked("/cookies", { headers: { "accept-encoding": "gzip, br" } });
  });

  it("to a form", async () => {
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const told = await asked("/form", { method: "POST", headers, body: form });
    expect(told.body).toContain("f.txt");
    await asked("/form", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "a=1&a=2",
    });
    await asked("/form", { method: "POST", headers, body: "--x--wrong" });
  });

  it.each([
    `/bytes?size=${MEGABYTES}`,
    `/many-bytes?chunks=${MEGABYTES / 65_536}`,
    `/upstream-bytes?size=${MEGABYTES}`,
  ])("of 50 MB: %s", async (path) => {
    expect(await asked(path)).toMatchObject({ status: 200, body: { length: MEGABYTES } });
  });

  it.each(["/echo", "/echo-upstream"])("to 50 MB: %s", async (path) => {
    const body = new Uint8Array(MEGABYTES).map((_zero, at) => at % 251);
    const told = await asked(path, { method: "POST", body });
    const hash = createHash("sha256").update(body).digest("hex");
    expect(JSON.stringify(told.body)).toContain(hash);
  });
});

/** Names of what is thrown; the application knows the values. */
const THROWN = [
  "undefined",
  "null",
  "text",
  "symbol",
  "object",
  "frozen",
  "error",
  "custom error",
  "aggregate error",
  "error with properties",
  "frozen error",
  "fixed error",
  "error without stack",
  "hostile error",
  "error like",
  "DOM exception",
  "revoked proxy",
  "throwing getter",
  "response",
  "promise",
  "a function",
  "counter",
];

describe("what is thrown is answered the same", () => {
  it.each(["/throw", "/reject", "/service-throws", "/object-throws", "/self-throws"])(
    "by %s",
    async (path) => {
      const answers = await same(({ url }) =>
        Promise.all(
          THROWN.map((name) => ask(new URL(`${path}?value=${encodeURIComponent(name)}`, url))),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([500]));
    },
  );

  it.each(["text", "error", "undefined"])("by one that passes through: %s", async (name) => {
    const told = await same(({ url }) => ask(new URL(`/throw-passing?value=${name}`, url)));
    expect(told.status).toBe(500);
  });

  it("by scheduled()", async () => {
    const outcomes = await same(({ worker }) =>
      Promise.all(
        ["* * * * *", "no retry", ...THROWN].map((cron) =>
          worker.scheduled({ cron, scheduledTime: new Date(0) }),
        ),
      ),
    );
    const [ok, noRetry, ...failed] = outcomes;
    expect([ok, noRetry]).toMatchObject([{ outcome: "ok" }, { outcome: "ok", noRetry: true }]);
    for (const one of failed) expect(one.outcome).toBe("exception");
  });

  it("by email()", async () => {
    const raw = "From: a@x.test\r\nTo: b@x.test\r\nMessage-ID: <1@x.test>\r\n\r\ntext";
    const results = await same(({ worker }) =>
      Promise.all(
        ["plain", "reject", "forward", "text", "undefined", "error"].map(async (name) => {
          const to = "b@x.test";
          const result = await worker.email({ from: `${name}@x.test`, to, raw }).catch(String);
          return JSON.stringify(result).replaceAll(/"(timestamp|messageId)":"[^"]*"/g, "");
        }),
      ),
    );
    expect(results.filter((result) => result.includes('"exception"'))).toHaveLength(3);
  });

  it("by queue() and alarm(), which are retried as often", async () => {
    const send = ({ url }: Application): Promise<unknown> =>
      Promise.all([
        ...THROWN.flatMap((name) =>
          ["/send", "/arm"].map((path) =>
            ask(new URL(`${path}?value=${encodeURIComponent(name)}`, url)),
          ),
        ),
        ask(new URL("/send-all", url)),
      ]);
    await same(send);
    const calls = await same(async (app) => {
      const noted = await settled(app);
      return Object.fromEntries(
        Object.entries(noted).filter(([name]) => /^(alarm|queue|email|scheduled)/.test(name)),
      );
    });
    for (const name of THROWN) {
      expect(calls).toHaveProperty([`queue throw ${name} 2`]);
      expect(Object.keys(calls).filter((one) => one.startsWith(`alarm ${name} {`))).toHaveLength(2);
    }
  });
});

/** What the application has noted, once nothing more is added for longer than an alarm waits. */
async function settled({ url }: Application): Promise<Record<string, unknown>> {
  let noted = "";
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const now = await (await fetch(new URL("/noted", url))).text();
    if (now === noted)
      return JSON.parse(now.replaceAll(/scheduledTime\W*\d+/g, "at")) as Record<string, unknown>;
    noted = now;
  }
}

describe("a client that leaves", () => {
  it("cancels the body and aborts request.signal in the same way", async () => {
    const told = await same(async ({ url }) => {
      await hangUp(new URL("/hang-up?key=left", url));
      for (let left = 100; left > 0; left--) {
        const response = await fetch(new URL("/noted", url));
        const { left: cancelled, ...all } = (await response.json()) as Record<string, unknown>;
        if (cancelled) return [cancelled, all["left signal"]];
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return "nothing was noted";
    });
    expect(told).toEqual([
      ["cancelled", expect.any(String)],
      ["aborted", expect.any(String)],
    ]);
  });
});

describe("a WebSocket is upgraded, answers and is closed in the same way", () => {
  it.each(["/socket", "/socket-self", "/socket-object"])("%s", async (path) => {
    const told = await same(({ url }) =>
      converse(new URL(path, url), ["text", new Uint8Array([1, 2]), "close"]),
    );
    expect(told.slice(-3)).toEqual([4001, "as asked", true]);
  });
});

it("ctx.abort() ends an invocation in the same way", async () => {
  const told = await same(({ url }) => ask(new URL("/abort", url)));
  expect(told.status).toBe(500);
});

it("the console tells nothing more", async () => {
  const written = (app: Application): string[] =>
    app
      .output()
      .map((line) => line.replaceAll(app.url.host, "host"))
      .toSorted();
  expect(written(traced)).toEqual(written(bare));
  expect(written(bare)).toContain("log: text { a: 1 } [ 1 ]");
});

it("and the instrumented one was traced", () => {
  expect(collector.spans().length).toBeGreaterThan(1000);
});
