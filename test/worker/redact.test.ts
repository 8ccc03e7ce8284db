import { SpanStatusCode, trace } from "@opentelemetry/api";
import { type RedactableSpan, span } from "edgespan";
import { afterEach, describe, expect, test, vi } from "vitest";
import { traced } from "./invoke.ts";

const SECRET = "hunter2";

afterEach(() => vi.restoreAllMocks());

/** A span with a secret in every place that has one. */
function secrets(): void {
  const context = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
  const tracer = trace.getTracer("app");
  const active = tracer.startSpan(`work ${SECRET}`, {
    attributes: { password: SECRET, kept: 1 },
    links: [{ context, attributes: { password: SECRET } }],
  });
  active.addEvent(`event ${SECRET}`, { password: SECRET });
  active.setStatus({ code: SpanStatusCode.ERROR, message: SECRET });
  active.end();
}

/** Runs `work` and answers all that was exported, and what a processor was shown at the end. */
async function exported(redact: (active: RedactableSpan) => void, work: () => unknown = secrets) {
  const seen: string[] = [];
  const processor = {
    onStart() {},
    onEnd(ended: unknown) {
      seen.push(JSON.stringify(ended));
    },
    async forceFlush() {},
    async shutdown() {},
  };
  const { root, spans } = await traced(work, { options: { redact, spanProcessors: [processor] } });
  return { root, spans, seen: seen.join("\n") };
}

describe("redact", () => {
  test("takes out of a finished span what it likes, wherever it stands, for every reader", async () => {
    const { spans, seen } = await exported((active) => {
      active.updateName(active.name.replace(SECRET, "…"));
      delete active.attributes["password"];
      active.setAttribute("length", active.duration[0] >= 0 ? "known" : "unknown");
      for (const event of active.events) {
        event.name = event.name.replace(SECRET, "…");
        delete event.attributes?.["password"];
      }
      for (const link of active.links) delete link.attributes?.["password"];
      if (active.status.message) active.status.message = "…";
    });
    expect(spans).toMatchObject([
      {
        name: "work …",
        attributes: { kept: 1, length: "known" },
        events: [{ name: "event …", attributes: {} }],
        links: [{ attributes: {} }],
        status: { code: "ERROR", message: "…" },
      },
    ]);
    expect(JSON.stringify(spans) + seen).not.toContain(SECRET);
  });

  test("sees each span once, the root among them, with what was said last", async () => {
    const seen: unknown[] = [];
    await exported(
      ({ name, attributes }) => void seen.push([name, attributes["http.response.status_code"]]),
      () => span("outer", () => span("inner", () => 1)),
    );
    expect(seen).toEqual([
      ["inner", undefined],
      ["outer", undefined],
      ["GET", 200],
    ]);
  });

  test.each<[string, () => void]>([
    ["throws", () => raise()],
    ["is asynchronous", async () => undefined],
    ["fails later", async () => raise()],
  ])("drops the span where it %s, and tells nothing that it held", async (_, fail) => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const work = (): void => span("outer", secrets);
    const { root, spans, seen } = await exported(({ name }) => {
      if (name.startsWith("work")) return fail();
    }, work);
    expect(root).toMatchObject({ status: { code: "UNSET" } });
    expect(spans).toMatchObject([{ name: "outer" }]);
    expect(JSON.stringify([root, spans, warn.mock.calls]) + seen).not.toContain(SECRET);
    expect(warn.mock.calls).toEqual([["edgespan: redact failed"]]);
  });

  test.each<[string, (active: RedactableSpan) => unknown]>([
    ["empties its events", (active) => (active.events.length = 0)],
    ["takes its links out", (active) => active.links.splice(0)],
    ["writes a status message", (active) => (active.status.message = "…")],
    ["ends the span", (active) => active.end()],
    ["replaces its attributes", (active) => Object.assign(active, { attributes: {} })],
  ])("keeps a span that has none of it, and those that follow, where it %s", async (_, redact) => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { root, spans } = await exported(redact, () =>
      span("outer", () => span("inner", () => 1)),
    );
    expect([root, ...spans].map(({ name, status, events }) => [name, status.code, events])).toEqual(
      [
        ["GET", "UNSET", []],
        ["outer", "UNSET", []],
        ["inner", "UNSET", []],
      ],
    );
    expect(warn).not.toHaveBeenCalled();
  });

  test("never lets one span show what it wrote on another", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    const { spans } = await exported(
      (active) => {
        if (active.name === "first") active.status.message = SECRET;
        if (active.name === "second") (active.events as unknown[]).push({ name: SECRET });
      },
      () => {
        for (const name of ["first", "second", "third"]) span(name, () => 1);
      },
    );
    expect(spans).toMatchObject([
      { name: "first", status: { code: "UNSET", message: undefined } },
      { name: "third", events: [] },
    ]);
    expect(spans.length).toBe(2);
  });

  test("has its say before the console is written to", async () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    for (const exporter of ["console", "otlp/stdout"] as const) {
      log.mockClear();
      await traced(secrets, {
        options: {
          exporter,
          redact(active) {
            const holders = [active, ...active.events, ...active.links];
            for (const holder of holders) Object.assign(holder, { attributes: {} });
            for (const event of active.events) event.name = "event";
            Object.assign(active, { name: "work", status: { code: 2 } });
          },
        },
      }).catch(() => undefined);
      expect(log).toHaveBeenCalled();
      expect(JSON.stringify(log.mock.calls)).not.toContain(SECRET);
    }
  });

  test("whatever it answers, the span stays", async () => {
    for (const answer of [false, 0, "", null, {}])
      expect((await exported(() => answer as never)).spans).toHaveLength(1);
  });

  test("drops a span with all else of it, so that a later child still joins the trace", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    const { root, spans } = await exported(
      ({ name }) => {
        if (name === "dropped") raise();
      },
      async () => {
        const child = await span("dropped", async () => () => span("late", () => 1));
        child();
      },
    );
    expect(spans).toMatchObject([{ name: "late", traceId: root.traceId }]);
  });
});

function raise(): never {
  throw new Error(SECRET);
}
