import { expect, it, vi } from "vitest";
import { randomIds } from "../../../src/trace/ids.ts";

it("ids are lowercase hex of the lengths that W3C demands, and differ", () => {
  const ids = Array.from({ length: 2_000 }, () => [
    randomIds.generateTraceId(),
    randomIds.generateSpanId(),
  ]);
  expect(ids.filter(([traceId]) => !/^[0-9a-f]{32}$/.test(traceId!))).toEqual([]);
  expect(ids.filter(([, spanId]) => !/^[0-9a-f]{16}$/.test(spanId!))).toEqual([]);
  expect(new Set(ids.flat()).size).toBe(4_000);
});

it("an id is never all zero, however the random numbers fall", () => {
  const random = vi.spyOn(Math, "random");
  for (let call = 0; call < 6; call++) random.mockReturnValueOnce(0);
  random.mockReturnValueOnce(2 ** -32).mockReturnValueOnce(0.999_999_999_9);
  expect(randomIds.generateSpanId()).toBe("00000001ffffffff");
  random.mockRestore();
});
