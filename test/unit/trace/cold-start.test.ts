import { expect, it, vi } from "vitest";

it("the first invocation alone is a cold start, once per isolate", async () => {
  const flags = async (): Promise<boolean[]> => {
    vi.resetModules();
    const { takeColdStart } = await import("../../../src/trace/cold-start.ts");
    return [takeColdStart(), takeColdStart(), takeColdStart()];
  };
  expect([await flags(), await flags()]).toEqual([
    [true, false, false],
    [true, false, false],
  ]);
});
