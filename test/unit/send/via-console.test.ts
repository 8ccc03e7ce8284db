import { ROOT_CONTEXT } from "@opentelemetry/api";
import { expect, it, onTestFinished, vi } from "vitest";
import { writeToConsole } from "../../../src/send/via-console.ts";
import { OWN, startSpan } from "../../../src/trace/start-span.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { scopeWith } from "../tracing.ts";

it("writes one line of JSON for each span, with its ids and all that it holds", () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  const scope = scopeWith({ clock: createManualClock(0) });
  for (const name of ["a", "b"]) {
    const span = startSpan(scope, OWN, name, { attributes: { n: 1 } }, ROOT_CONTEXT);
    span.addEvent("e").end();
  }
  writeToConsole(scope.take());
  const lines = log.mock.calls.map(([line]) => JSON.parse(line as string) as object);
  const span = {
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    kind: 0,
    status: { code: 0 },
    attributes: { n: 1 },
    events: [{ name: "e", time: [0, 0], attributes: {}, droppedAttributesCount: 0 }],
    resource: { attributes: { "service.name": "test" } },
  };
  expect(lines).toMatchObject([
    { ...span, name: "a" },
    { ...span, name: "b" },
  ]);
});
