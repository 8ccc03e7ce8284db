import { ROOT_CONTEXT } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import { beforeAll, describe, expect, it, test } from "vitest";
import { always, never } from "../../../src/sample/always.ts";
import { probability } from "../../../src/sample/probability.ts";
import { TRACE_ID, ask, isKept, parentWith, told, traceIds } from "./sampling.ts";

const COUNT = 1_000_000;
const RATIOS = [1, 0.9, 0.5, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6] as const;

describe("of a million traces", () => {
  /** For each trace how many of the ratios keep it; they stand in falling order. */
  const keptBy = new Uint8Array(COUNT);
  const counts = RATIOS.map(() => 0);
  let strays = 0;

  beforeAll(() => {
    const samplers = RATIOS.map((ratio) => probability(ratio));
    for (const [at, traceId] of traceIds(COUNT, 2026).entries())
      for (const [index, sampler] of samplers.entries()) {
        if (!isKept(sampler, { traceId })) continue;
        counts[index] = (counts[index] ?? 0) + 1;
        if (keptBy[at] !== index) strays++;
        keptBy[at] = index + 1;
      }
  }, 120_000);

  test.each(RATIOS)("a ratio of %d keeps its share, within three standard deviations", (ratio) => {
    const deviation = Math.sqrt(COUNT * ratio * (1 - ratio));
    const off = Math.abs((counts[RATIOS.indexOf(ratio)] ?? 0) - COUNT * ratio);
    expect(off).toBeLessThanOrEqual(3 * deviation);
  });

  it("each that a service with a lower ratio keeps is kept at every higher one", () => {
    expect([strays, counts[0]]).toEqual([0, COUNT]);
  });
});

describe("a trace that begins here", () => {
  test.each([
    [1, "ot=th:0"],
    [0.9, "ot=th:19999999999998"],
    [0.5, "ot=th:8"],
  ])("is told on with the threshold of %d: %s", (ratio, state) => {
    expect(told(probability(ratio), { traceId: "f".repeat(32) })).toEqual([true, state]);
  });

  it("is told on with nothing where it is dropped", () => {
    expect(told(probability(0.5), { traceId: "1".repeat(32) })).toEqual([false, ""]);
  });
});

describe("a trace that a caller began", () => {
  const caller = (traceFlags: number, traceState?: string) =>
    parentWith({ traceId: "9".repeat(32), traceFlags, ...(traceState && { traceState }) });

  test.each<[what: string, flags: number, state: string, kept: boolean, after: string]>([
    ["follows it where it kept the trace", 1, "ot=th:8,v=1", true, "ot=th:8,v=1"],
    ["follows it where it is random", 3, "", true, ""],
    ["follows it where it dropped the trace", 0, "v=1", false, "v=1"],
    [
      "loses a threshold that its caller did not keep it by",
      0,
      "v=1,ot=th:8;x:1",
      false,
      "ot=x:1,v=1",
    ],
    ["loses a threshold that it does not reach", 1, "ot=th:a,v=1", true, "v=1"],
    [
      "reaches a threshold by the randomness it is told",
      1,
      "ot=th:a;rv:ffffffffffffff",
      true,
      "ot=th:a;rv:ffffffffffffff",
    ],
  ])("%s", (_, flags, state, kept, after) => {
    const context = caller(flags, state);
    for (const ratio of [0, 0.1, 1])
      expect(told(probability(ratio), { context, traceId: "9".repeat(32) })).toEqual([kept, after]);
  });

  test.each<
    [what: string, ratio: number, flags: number, state: string, kept: boolean, after: string]
  >([
    ["is kept by the own ratio", 0.5, 0, "v=1,ot=th:a", true, "ot=th:8,v=1"],
    [
      "is dropped by the own ratio, and its threshold with it",
      0.25,
      1,
      "ot=th:8,v=1",
      false,
      "v=1",
    ],
    [
      "is kept by the randomness it is told",
      0.25,
      0,
      "ot=rv:c0000000000000",
      true,
      "ot=th:c;rv:c0000000000000",
    ],
  ])("%s, where callers are not followed", (_, ratio, flags, state, kept, after) => {
    const asked = { context: caller(flags, state), traceId: "9".repeat(32) };
    expect(told(probability(ratio, { parentBased: false }), asked)).toEqual([kept, after]);
  });

  it("is followed within the invocation whatever the options", () => {
    const within = (traceFlags: number) => parentWith({ traceFlags, isRemote: false });
    for (const sampler of [
      probability(0, { parentBased: false }),
      probability(1, { parentBased: false }),
    ])
      expect([0, 1].map((flags) => isKept(sampler, { context: within(flags) }))).toEqual([
        false,
        true,
      ]);
  });
});

describe("the official SDK's samplers", () => {
  const contexts = [0, 1, 2, 3].flatMap((traceFlags) =>
    [true, false].map((isRemote) => parentWith({ traceFlags, isRemote })),
  );

  it("decide as ours below any parent, remote or not: ParentBased over TraceIdRatioBased", () => {
    for (const ratio of [0, 0.3, 1]) {
      const official = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
      for (const context of contexts)
        expect(isKept(probability(ratio), { context })).toBe(isKept(official, { context }));
    }
  });

  it("decide as ours on new traces at 0 and 1, where a ratio chooses nothing", () => {
    const pairs = [
      [probability(1), new TraceIdRatioBasedSampler(1)],
      [probability(0), new TraceIdRatioBasedSampler(0)],
      [always, new AlwaysOnSampler()],
      [never, new AlwaysOffSampler()],
    ] as const;
    const ids = ["0".repeat(31) + "1", "f".repeat(32), ...traceIds(100, 1)];
    for (const [ours, official] of pairs)
      for (const traceId of ids)
        expect(isKept(ours, { traceId })).toBe(isKept(official, { traceId }));
  });

  it("keep as many as ours between, but others: TraceIdRatioBased folds the whole id", () => {
    const ids = traceIds(20_000, 3);
    const share = (sampler: Parameters<typeof isKept>[0]) =>
      ids.filter((traceId) => isKept(sampler, { traceId })).length;
    const [ours, official] = [share(probability(0.3)), share(new TraceIdRatioBasedSampler(0.3))];
    const deviation = Math.sqrt(20_000 * 0.3 * 0.7);
    expect(Math.abs(ours - 6_000)).toBeLessThan(3 * deviation);
    expect(Math.abs(official - 6_000)).toBeLessThan(3 * deviation);
  });
});

it.each([
  [always, true],
  [never, false],
])("%s decides whatever a caller decided", (sampler, kept) => {
  const decisions = [0, 1].map((traceFlags) =>
    isKept(sampler, { context: parentWith({ traceFlags }) }),
  );
  expect(decisions).toEqual([kept, kept]);
});

it.each([-1, 2, Number.NaN])("a ratio of %d is refused where it is written", (ratio) => {
  expect(() => probability(ratio)).toThrow(`ratio ${ratio} must be from 0 to 1`);
});

it("describes itself by its ratio", () => {
  expect(String(probability(0.25))).toBe("probability{0.25}");
});

it("answers the same object for all that it drops", () => {
  const results = [
    ask(probability(0)),
    ask(probability(0), { traceId: TRACE_ID }),
    ask(never, { context: ROOT_CONTEXT }),
    ask(probability(1), { context: parentWith({ traceFlags: 0, traceState: "v=1" }) }),
  ];
  expect(new Set(results).size).toBe(1);
});
