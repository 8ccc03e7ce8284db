/** A file of its own: `@opentelemetry/api` takes one registration per isolate. */
import { type TracerProvider, trace } from "@opentelemetry/api";
import { span } from "edgespan";
import { expect, test, vi } from "vitest";
import { invoke, traced } from "./invoke.ts";

test("another provider keeps its place, one warning says so, and span() still records", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const names: string[] = [];
  const theirs: TracerProvider = {
    getTracer: () => ({
      startSpan(name) {
        names.push(name);
        return trace.wrapSpanContext({ traceId: "", spanId: "", traceFlags: 0 });
      },
      startActiveSpan: () => undefined as never,
    }),
  };
  trace.setGlobalTracerProvider(theirs);

  const { root, spans } = await traced(() => {
    trace.getTracer("app").startSpan("theirs").end();
    span("ours", () => {
      trace.getTracer("app").startSpan("theirs too").end();
    });
  });
  await invoke({ fetch: () => new Response() });

  expect(names).toEqual(["theirs", "theirs too"]);
  expect(spans).toMatchObject([{ name: "ours", parentSpanId: root.spanId }]);
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^edgespan: another .*tracer provider.* span\(\) of edgespan$/)],
  ]);
});
