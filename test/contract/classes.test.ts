/** Classes and their callers in real workerd under wrangler, without the wrappers of a test pool. */
import { createCollector, serveCollector, type TraceTree } from "edgespan/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { objects, serveWorker } from "./serve-worker.ts";
import { quietTime } from "./stage.ts";

const collector = createCollector();
const resources = new AsyncDisposableStack();
let url: URL;
let urlWithoutServices: URL;

const OBJECTS = {
  ROOMS: "Room",
  TWICE_ROOMS: "TwiceRoom",
  PROXIED_ROOMS: "ProxiedRoom",
  BARE_ROOMS: "BareRoom",
  BARE_BASES: "BareBase",
  OFF_ROOMS: "OffRoom",
  LEGACIES: "Legacy",
  OWNERS: "Owner",
  AGENTS: "Agent",
};
const SERVICES = { SHOP: "Shop", BARE_SHOP: "BareShop" };

beforeAll(async () => {
  const { endpoint } = resources.use(await serveCollector(collector));
  [url, urlWithoutServices] = await Promise.all([start(endpoint, SERVICES), start(endpoint, {})]);
});
afterAll(() => resources.disposeAsync());

async function start(endpoint: string, services: Record<string, string>): Promise<URL> {
  const config = {
    name: "classes",
    main: `${import.meta.dirname}/../worker/classes/whole.ts`,
    vars: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: "0" },
    services: Object.entries(services).map(([binding, entrypoint]) => ({
      binding,
      service: "classes",
      entrypoint,
    })),
    ...objects(OBJECTS),
  };
  return serveWorker(config, resources);
}

type Results = Record<string, unknown>;

async function ask(path: string, at: URL = url): Promise<Results> {
  const response = await fetch(new URL(path, at));
  // Each object has an id of its own, which workerd tells on what it throws.
  return JSON.parse(
    (await response.text()).replaceAll(/"durableObjectId":"\w+"/g, '"durableObjectId":""'),
  ) as Results;
}

/** The traces of one call, each as lines of names and kinds, once there are so many spans. */
async function tracesOf(query: string, spans: number): Promise<string[][]> {
  collector.reset();
  await ask(`/one?${query}`);
  await collector.waitForSpans(spans);
  await quietTime();
  expect(collector.spans()).toHaveLength(spans);
  return collector
    .traces()
    .map(({ roots }) => lines(roots))
    .toSorted(([a = ""], [b = ""]) => a.localeCompare(b));
}

function lines(spans: TraceTree["roots"], indent = ""): string[] {
  return spans.flatMap(({ name, kind, children }) => [
    `${indent}${name} ${kind}`,
    ...lines(children, `${indent}  `),
  ]);
}

const spanOf = (name: string) => collector.spans().find((span) => span.name === name);

describe("an application sees the same", () => {
  const bare = Promise.withResolvers<Results>();
  beforeAll(() => ask("/all?to=BARE_ROOMS&by=stub").then(bare.resolve, bare.reject));

  it.each(
    ["BARE_ROOMS", "ROOMS", "TWICE_ROOMS", "PROXIED_ROOMS", "OFF_ROOMS"].flatMap((to) =>
      ["stub", "traced", "propagating"].map((by) => [to, by] as const),
    ),
  )("of %s, called by a stub that is held as %s", async (to, by) => {
    expect(await ask(`/all?to=${to}&by=${by}`)).toEqual(await bare.promise);
  });

  afterAll(quietTime);

  it("and it is what the fixture means", async () => {
    const results = await bare.promise;
    const thrown = Object.entries(results).filter(([, told]) => (told as string[])[0] === "threw");
    expect(thrown.map(([name]) => name)).toEqual([
      "error",
      "string",
      "nothing",
      "object",
      "later",
      "pipelinedOnError",
      "unclonable",
      "unclonableResult",
      "missing",
      "field",
      "handler",
    ]);
    expect(results).toMatchObject({
      made: ["returned", ["private", "private"]],
      itself: ["returned", [true, true, "function", true, 3]],
      pipelined: ["returned", 1],
      pipelinedFunction: ["returned", 8],
      pipelinedOnError: ["threw", "RangeError", "the room is full", expect.anything()],
      kept: ["returned", [1, 2, 2, "function"]],
      stream: ["returned", "streamed"],
    });
  });
});

describe("a call by a stub that traceRpc stands in for", () => {
  it("is a CLIENT span and leaves the receiver's trace to itself", async () => {
    expect(await tracesOf("to=ROOMS&by=traced&call=slow", 4)).toEqual([
      ["GET SERVER", "  ROOMS/slow CLIENT"],
      ["PlainRoom/slow SERVER", "  slow.work INTERNAL"],
    ]);
  });

  it("has the receiver continue the trace where it is asked to", async () => {
    expect(await tracesOf("to=ROOMS&by=propagating&call=slow", 4)).toEqual([
      [
        "GET SERVER",
        "  ROOMS/slow CLIENT",
        "    PlainRoom/slow SERVER",
        "      slow.work INTERNAL",
      ],
    ]);
    const object = {
      "cloudflare.durable_object.id": expect.stringMatching(/^[\da-f]{64}$/) as string,
      "cloudflare.durable_object.name": "ROOMS",
    };
    expect(spanOf("ROOMS/slow")).toMatchObject({
      attributes: {
        ...object,
        "cloudflare.binding.name": "ROOMS",
        "cloudflare.binding.type": "Durable Object",
        "rpc.method": "ROOMS/slow",
        "rpc.system.name": "cloudflare_rpc",
      },
      status: { code: "UNSET" },
    });
    expect(spanOf("PlainRoom/slow")?.attributes).toEqual({
      ...object,
      "cloudflare.entrypoint": "PlainRoom",
      "faas.coldstart": false,
      "faas.trigger": "other",
      "rpc.method": "PlainRoom/slow",
      "rpc.system.name": "cloudflare_rpc",
    });
  });

  it("tells of a service binding that it is one", async () => {
    expect(await tracesOf("to=SHOP&by=propagating&call=method", 3)).toEqual([
      ["GET SERVER", "  SHOP/add CLIENT", "    PlainShop/add SERVER"],
    ]);
    expect(spanOf("SHOP/add")?.attributes).toEqual({
      "cloudflare.binding.name": "SHOP",
      "cloudflare.binding.type": "Service",
      "rpc.method": "SHOP/add",
      "rpc.system.name": "cloudflare_rpc",
    });
  });

  it("is made plainly where the receiver is not instrumented, at once from the second on", async () => {
    for (let time = 0; time < 2; time++) {
      expect(await tracesOf("to=BARE_SHOP&by=propagating&call=method", 2)).toEqual([
        ["GET SERVER", "  BARE_SHOP/add CLIENT"],
      ]);
      expect(spanOf("BARE_SHOP/add")?.status.code).toBe("UNSET");
    }
  });

  it("is the span of a call that is pipelined on", async () => {
    expect(await tracesOf("to=ROOMS&by=propagating&call=pipelined", 3)).toEqual([
      ["GET SERVER", "  ROOMS/counter CLIENT", "    PlainRoom/counter SERVER"],
    ]);
  });

  it("carries nothing with an argument that may be sent once", async () => {
    expect(await tracesOf("to=ROOMS&by=propagating&call=stream", 3)).toEqual([
      ["GET SERVER", "  ROOMS/text CLIENT"],
      ["PlainRoom/text SERVER"],
    ]);
  });

  it("records what is thrown, on both sides", async () => {
    await tracesOf("to=ROOMS&by=propagating&call=error", 3);
    for (const name of ["ROOMS/refuse", "PlainRoom/refuse"])
      expect(spanOf(name)).toMatchObject({
        attributes: { "error.type": "RangeError" },
        status: { code: "ERROR", message: "the room is full" },
      });
  });
});

describe("fetch of a stub", () => {
  it("is one trace with what the receiver does, and its PUT no RPC", async () => {
    expect(await tracesOf("to=ROOMS&by=propagating&call=fetch", 3)).toEqual([
      ["GET SERVER", "  PUT CLIENT", "    PUT SERVER"],
    ]);
  });

  it("is traced also where a Worker has Durable Objects and no service binding", async () => {
    collector.reset();
    await ask("/one?to=ROOMS&by=stub&call=fetch", urlWithoutServices);
    await collector.waitForSpans(3);
    expect(collector.traces().map(({ roots }) => lines(roots))).toEqual([
      ["GET SERVER", "  PUT CLIENT", "    PUT SERVER"],
    ]);
  });

  it.each(["with", "without"])(
    "is traced where it is one of ctx.exports, %s a service binding in env",
    async (which) => {
      collector.reset();
      await ask("/exports?to=ROOMS", which === "with" ? url : urlWithoutServices);
      await collector.waitForSpans(5);
      expect(collector.traces().map(({ roots }) => lines(roots))).toEqual([
        ["GET SERVER", "  GET CLIENT", "    GET SERVER", "  GET CLIENT", "    GET SERVER"],
      ]);
      const told = collector.spans().map(({ attributes }) => attributes["cloudflare.binding.name"]);
      expect(told.filter(Boolean).map(String).toSorted()).toEqual(["Room", "Shop"]);
    },
  );

  it("reaches a class from before RPC, whose span says which object it is", async () => {
    expect(await tracesOf("to=LEGACIES&by=stub&call=fetch", 4)).toEqual([
      ["GET SERVER", "  PUT CLIENT", "    PUT SERVER", "      get storage CLIENT"],
    ]);
    const inside = collector.spans().find(({ attributes }) => attributes["cloudflare.entrypoint"]);
    expect(inside?.attributes).toMatchObject({
      "cloudflare.entrypoint": "PlainLegacy",
      "cloudflare.durable_object.id": expect.stringMatching(/^[\da-f]{64}$/) as string,
    });
  });
});

describe("an instrumented class", () => {
  it("has one span where its methods call each other, and none for what its constructor calls", async () => {
    expect(await tracesOf("to=ROOMS&by=stub&call=generators", 2)).toEqual([
      ["GET SERVER"],
      ["PlainRoom/consume SERVER"],
    ]);
    expect(await tracesOf("to=ROOMS&by=stub&call=made&fresh=1", 2)).toEqual([
      ["GET SERVER"],
      ["PlainRoom/made SERVER"],
    ]);
  });

  it("that is instrumented twice has each span once", async () => {
    expect(await tracesOf("to=TWICE_ROOMS&by=propagating&call=slow", 4)).toEqual([
      [
        "GET SERVER",
        "  TWICE_ROOMS/slow CLIENT",
        "    PlainRoom/slow SERVER",
        "      slow.work INTERNAL",
      ],
    ]);
  });

  it("in a Proxy that makes instances of its target has its spans", async () => {
    expect(await tracesOf("to=PROXIED_ROOMS&by=propagating&call=slow", 4)).toEqual([
      [
        "GET SERVER",
        "  PROXIED_ROOMS/slow CLIENT",
        "    PlainRoom/slow SERVER",
        "      slow.work INTERNAL",
      ],
    ]);
  });

  it("has a span for a handler that is an instance's own", async () => {
    expect(await tracesOf("to=OWNERS&by=stub&call=fetch", 7)).toEqual([
      [
        "GET SERVER",
        "  PUT CLIENT",
        "    PUT SERVER",
        "      setAlarm storage CLIENT",
        "      own.fetch INTERNAL",
      ],
      ["PlainOwner alarm INTERNAL", "  own.alarm INTERNAL"],
    ]);
  });

  it("lets an instance replace each method that it inherits", async () => {
    expect(await tracesOf("to=AGENTS&by=propagating&call=method", 3)).toEqual([
      ["GET SERVER", "  AGENTS/add CLIENT", "    PlainAgent/add SERVER"],
    ]);
  });

  it("leaves a base untraced in a bare class that shares it", async () => {
    expect(await tracesOf("to=BARE_BASES&by=stub&call=inherited", 1)).toEqual([["GET SERVER"]]);
  });

  it("makes no span of a getter, nor where tracing is off", async () => {
    expect(await tracesOf("to=ROOMS&by=stub&call=getter", 1)).toEqual([["GET SERVER"]]);
    expect(await tracesOf("to=OFF_ROOMS&by=stub&call=slow", 1)).toEqual([["GET SERVER"]]);
  });

  it.each(["ROOMS", "BARE_ROOMS"])(
    "lets the method that continues a trace reach no more than RPC reaches: %s",
    async (to) => {
      const results = await ask(`/attacks?to=${to}`);
      expect(Object.keys(results)).toHaveLength(10);
      for (const result of Object.values(results))
        expect(result).toMatchObject([
          "threw",
          "TypeError",
          'The RPC receiver does not implement the method "edgespan:continue".',
          expect.anything(),
        ]);
    },
  );
});
