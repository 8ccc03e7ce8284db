/** What a Worker does besides answering, in real workerd, over real connections. */
import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parsed, told } from "./get.ts";
import { type Running, setStage, type Stage } from "./stage.ts";
import { workerd } from "./workerd.ts";

/** Longer than the requests of a test take. */
const WINDOW_MS = 1_000;

const stage: Stage = setStage(workerd("background", () => "GET"));

/** The names of the spans of each export. */
const namesOf = ({ collector }: Running): string[][] =>
  collector.exports.map(({ spans }) => spans.map(({ name }) => name));

const pathsOf = ({ collector }: Running): unknown[] =>
  collector.spans().map(({ attributes }) => attributes["url.path"]);

/** Reads the first word of an endless answer, and hangs up. */
function hangUp(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false }, (response) => {
      response.once("data", () => {
        sent.destroy();
        resolve();
      });
    });
    sent.on("error", reject).end();
  });
}

describe("waitUntil", () => {
  it("answers and throws as without edgespan, however it is called", async () => {
    stage.traced.collector.reset();
    const bare = await stage.bare.get("/attempts");
    expect(told(await stage.traced.get("/attempts"))).toEqual(told(bare));
    expect(parsed(bare)).toMatchObject([
      expect.stringContaining("Illegal invocation"),
      "ran",
      "ran",
      "ran",
      expect.stringContaining("is not of type 'Promise'"),
      "ran",
      "ran",
      expect.stringContaining("Illegal invocation"),
      expect.stringContaining("Illegal invocation"),
      expect.stringContaining("Illegal invocation"),
      false,
      true,
      ["tracing", "access", "cache", "props", "exports"],
      "[object ExecutionContext]",
      expect.stringContaining("DataCloneError"),
    ]);
    await stage.traced.collector.waitForSpans(1);
  });

  it.each(["/own", "/borrowed"])("is waited for with the spans of its work: %s", async (path) => {
    await stage.traced.traced(path, 2);
    expect(namesOf(stage.traced)).toEqual([["GET", "afterthought"]]);
  });

  it("taken off its ctx throws as without edgespan", async () => {
    const bare = await stage.bare.get("/destructured");
    const { response } = await stage.traced.traced("/destructured", 2);
    expect(told(response)).toEqual(told(bare));
    expect(bare.status).toBe(500);
  });

  it("of cloudflare:workers is not waited for, and its spans follow in the same trace", async () => {
    await stage.traced.traced("/imported", 2);
    expect(namesOf(stage.traced)).toEqual([["GET"], ["afterthought"]]);
  });
});

describe("the spans of concurrent requests", () => {
  let running: Running & AsyncDisposable;
  beforeAll(async () => {
    running = await stage.start({ env: { OTEL_BSP_SCHEDULE_DELAY: String(WINDOW_MS) } });
  });
  beforeEach(() => running.collector.reset());
  afterAll(() => running[Symbol.asyncDispose]());

  it("leave in one request", async () => {
    const count = 100;
    await Promise.all(Array.from({ length: count }, () => running.get("/text")));
    await running.collector.waitForSpans(count);
    expect(running.collector.exports.map(({ spans }) => spans.length)).toEqual([count]);
    expect(running.collector.requests).toBe(1);
    expect(new Set(running.collector.spans().map(({ spanId }) => spanId)).size).toBe(count);
  });

  it("leave although the client of the first has hung up", async () => {
    await hangUp(`${running.app.url}/streaming`);
    await running.get("/text");
    await running.collector.waitForSpans(2);
    // The span of a streamed answer ends when the platform cancels its body.
    expect(new Set(pathsOf(running))).toEqual(new Set(["/streaming", "/text"]));
    expect(running.collector.requests).toBe(1);
  });

  it("leave although the only client has hung up", async () => {
    await hangUp(`${running.app.url}/streaming`);
    await running.collector.waitForSpans(1);
    expect(pathsOf(running)).toEqual(["/streaming"]);
  });

  it("leave although the handler of the first has thrown", async () => {
    expect(await running.get("/throws")).toMatchObject({ status: 500 });
    await running.get("/text");
    await running.collector.waitForSpans(2);
    expect(pathsOf(running)).toEqual(["/throws", "/text"]);
    expect(running.collector.requests).toBe(1);
  });
});
