/**
 * edgespan beside itself and beside others, in real workerd: instrumented twice, with several
 * options, in two copies, with OpenTelemetry's SDK, with a library of Proxies, and with
 * Cloudflare's own tracing.
 */
import { cp, mkdir, rm } from "node:fs/promises";
import { createCollector, serveCollector, type CollectedSpan } from "edgespan/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { serveEcho } from "./harm/echo.ts";
import { quietTime } from "./stage.ts";

process.env["WRANGLER_LOG"] = "none";

const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

const collector = createCollector();
let endpoint: string;
let echo: string;
beforeAll(async () => {
  ({ endpoint } = resources.use(await serveCollector(collector)));
  echo = await serveEcho(resources);
});

const root = `${import.meta.dirname}/../..`;

interface Worker {
  ask(path?: string): Promise<unknown>;
  warnings(): string[];
}

async function start(name: string, more: object = {}): Promise<Worker> {
  const harness = createTestHarness({
    workers: [
      {
        config: {
          name,
          main: `${root}/test/worker/tracers/${name}.ts`,
          compatibility_date: "2026-10-01",
          compatibility_flags: ["nodejs_compat"],
          vars: {
            OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
            OTEL_BSP_SCHEDULE_DELAY: "0",
            ECHO: echo,
          },
          kv_namespaces: [{ binding: "KV", id: "kv" }],
          services: [{ binding: "DESK", service: name, entrypoint: "Desk" }],
          ...more,
        },
      },
    ],
  });
  resources.defer(() => harness.close());
  const { url } = await harness.listen();
  return {
    async ask(path = "/") {
      const response = await fetch(new URL(path, url));
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text && (JSON.parse(text) as unknown);
    },
    warnings: () => harness.getLogs().map(({ message }) => message),
  };
}

/** The spans of one request as `service: name < parent's name`, once there are so many. */
async function spansOf(ask: () => Promise<unknown>, count = WHOLE): Promise<string[]> {
  collector.reset();
  await ask();
  if (count > 0) await collector.waitForSpans(count);
  await quietTime();
  const spans = collector.spans();
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans.map((span) => told(span, byId.get(span.parentSpanId ?? ""))).toSorted();
}

function told(span: CollectedSpan, parent: CollectedSpan | undefined): string {
  const show = ({ name, kind, resource }: CollectedSpan): string =>
    `${String(resource["service.name"])}: ${name} ${kind}`;
  return parent ? `${show(span)} < ${show(parent)}` : show(span);
}

/** How many spans a request of `handler.ts` has, and with those of an instrumented service. */
const WHOLE = 5;
const WITH_DESK = 8;

/** The spans of one request of `handler.ts`, by a service. */
const whole = (service: string): string[] => [
  `${service}: GET CLIENT < ${service}: work INTERNAL`,
  `${service}: GET CLIENT < ${service}: work INTERNAL`,
  `${service}: GET SERVER`,
  `${service}: get KV CLIENT < ${service}: work INTERNAL`,
  `${service}: work INTERNAL < ${service}: GET SERVER`,
];

describe("edgespan beside itself", () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await start("twice", {
      durable_objects: { bindings: [{ name: "ROOMS", class_name: "Room" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    });
  });
  const desk = (caller: string): string[] => [
    `desk: GET SERVER < ${caller}: GET CLIENT`,
    "desk: desk.work INTERNAL < desk: GET SERVER",
    "desk: get KV CLIENT < desk: desk.work INTERNAL",
  ];

  it("has each span once where a handler and a class are instrumented twice, by the outer options", async () => {
    const spans = await spansOf(() => worker.ask("/twice"), WITH_DESK);
    expect(spans).toEqual([...desk("outer"), ...whole("outer")].toSorted());
  });

  it("gives each handler of an isolate its own options", async () => {
    const other = await spansOf(() => worker.ask("/other"), 6);
    expect(other.filter((one) => one.includes("CLIENT < other"))).toEqual([
      "other: get KV CLIENT < other: work INTERNAL",
    ]);
    expect(await spansOf(() => worker.ask("/never"), 0)).toEqual([]);
    expect(await spansOf(() => worker.ask("/twice"), WITH_DESK)).toHaveLength(WITH_DESK);
  });

  it("records nothing of a bare handler and of a class that is off, in the same isolate", async () => {
    expect(await spansOf(() => worker.ask("/bare"), 3)).toEqual([
      "desk: GET SERVER",
      "desk: desk.work INTERNAL < desk: GET SERVER",
      "desk: get KV CLIENT < desk: desk.work INTERNAL",
    ]);
    expect(await spansOf(() => worker.ask("/room"), 2)).toEqual([
      "caller: GET CLIENT < caller: GET SERVER",
      "caller: GET SERVER",
    ]);
  });

  it("and keeps quiet", () => {
    expect(worker.warnings()).toEqual([]);
  });
});

describe("two copies of edgespan", () => {
  const copy = `${root}/.cache/edgespan-copy`;
  let worker: Worker;
  beforeAll(async () => {
    await mkdir(`${root}/.cache`, { recursive: true });
    await cp(`${root}/dist`, copy, { recursive: true });
    resources.defer(() => rm(copy, { recursive: true }));
    worker = await start("copies", {
      alias: { "edgespan-copy/worker": `${copy}/worker.js` },
      services: [
        { binding: "DESK", service: "copies", entrypoint: "Desk" },
        { binding: "BOTH", service: "copies", entrypoint: "Both" },
      ],
    });
  });
  const desk = (caller: string): string[] => [
    `copy: GET SERVER < ${caller}: GET CLIENT`,
    "copy: get KV CLIENT < copy: GET SERVER",
  ];

  it("each trace the calls of what they instrument", async () => {
    // Which copy `span()` is of decides whether there is a span of it: here it is not the copy's.
    expect(await spansOf(() => worker.ask("/copy"), 6)).toEqual(
      [
        "copy: GET CLIENT < copy: GET SERVER",
        "copy: GET CLIENT < copy: GET SERVER",
        "copy: GET SERVER",
        "copy: get KV CLIENT < copy: GET SERVER",
        ...desk("copy"),
      ].toSorted(),
    );
    expect(await spansOf(() => worker.ask("/own"), 7)).toEqual(
      [...whole("own"), ...desk("own")].toSorted(),
    );
  });

  it("make one span of each call where both instrument the same handler or class", async () => {
    expect(await spansOf(() => worker.ask("/both"), 7)).toEqual(
      [...whole("own"), ...desk("own")].toSorted(),
    );
    expect(await spansOf(() => worker.ask("/class"), 4)).toEqual([
      "copy: GET SERVER < own: GET CLIENT",
      "copy: get KV CLIENT < copy: GET SERVER",
      "own: GET CLIENT < own: GET SERVER",
      "own: GET SERVER",
    ]);
  });

  it("say once that there are two", () => {
    expect(worker.warnings()).toEqual([
      expect.stringMatching(/^edgespan: another .*copy of edgespan, was registered first/),
    ]);
  });
});

describe("OpenTelemetry's SDK", () => {
  it("that is registered first keeps its place, continues our trace, and one warning says so", async () => {
    const worker = await start("sdk-first");
    let answer: unknown;
    const spans = await spansOf(async () => {
      answer = await worker.ask();
    });
    expect(spans).toEqual(whole("unknown_service"));
    const server = collector.spans().find(({ kind }) => kind === "SERVER");
    const ours = { traceId: server?.traceId, parentSpanId: server?.spanId };
    expect(answer).toEqual([
      true,
      [
        { name: "by the global one", ...ours },
        { name: "by the SDK", ...ours },
      ],
    ]);
    await worker.ask();
    expect(worker.warnings()).toEqual([
      expect.stringMatching(/^edgespan: another tracer provider, .* was registered first/),
    ]);
  });

  it("that is registered second is refused by OpenTelemetry's API, and works by its own provider", async () => {
    const worker = await start("sdk-second");
    let answer: unknown;
    const spans = await spansOf(async () => {
      answer = await worker.ask();
    }, 6);
    expect(spans).toEqual(
      [
        ...whole("unknown_service"),
        "unknown_service: by the global one INTERNAL < unknown_service: GET SERVER",
      ].toSorted(),
    );
    const server = collector.spans().find(({ kind }) => kind === "SERVER");
    expect(answer).toEqual([
      false,
      [{ name: "by the SDK", traceId: server?.traceId, parentSpanId: server?.spanId }],
    ]);
    expect(worker.warnings()).toEqual([]);
  });
});

describe("a library that wraps everything in Proxies", () => {
  const seen = ["KV.get", "fetch", "DESK.fetch"];

  it("inside of edgespan sees the same, and so does edgespan", async () => {
    const worker = await start("proxies-inside");
    let answer: unknown;
    const spans = await spansOf(async () => {
      answer = await worker.ask();
    });
    expect(answer).toEqual([[null, "text", "desk"], seen]);
    expect(spans).toEqual(whole("unknown_service"));
    expect(worker.warnings()).toEqual([]);
  });

  it("outside of edgespan sees the same, and edgespan knows no names of bindings", async () => {
    const worker = await start("proxies-outside");
    let answer: unknown;
    const spans = await spansOf(async () => {
      answer = await worker.ask();
    }, 4);
    expect(answer).toEqual([[null, "text", "desk"], expect.arrayContaining(seen)]);
    expect(spans).toEqual([
      "unknown_service: GET CLIENT < unknown_service: work INTERNAL",
      "unknown_service: GET SERVER",
      "unknown_service: get kv CLIENT < unknown_service: work INTERNAL",
      "unknown_service: work INTERNAL < unknown_service: GET SERVER",
    ]);
    expect(worker.warnings()).toEqual([]);
  });
});

it("a library that waits for all work under waitUntil is not waited for in turn", async () => {
  const worker = await start("waits-for-all");
  expect(await spansOf(() => worker.ask())).toEqual(whole("unknown_service"));
  expect(worker.warnings()).toEqual([]);
});

it("Cloudflare's own tracing works within and around spans, and neither sees the other's", async () => {
  const worker = await start("native", {
    observability: { enabled: true, traces: { enabled: true } },
  });
  let answer: unknown;
  const spans = await spansOf(async () => {
    answer = await worker.ask();
  }, 6);
  expect(answer).toEqual(["function", ["boolean", [null, "text", "desk"]]]);
  expect(spans).toEqual(
    [
      ...whole("unknown_service").filter((one) => !one.includes("work INTERNAL < ")),
      "unknown_service: between INTERNAL < unknown_service: GET SERVER",
      "unknown_service: work INTERNAL < unknown_service: between INTERNAL",
    ].toSorted(),
  );
  expect(worker.warnings()).toEqual([]);
});
