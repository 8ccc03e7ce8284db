/**
 * Our samplers beside the official composable ones, `@opentelemetry/sampler-composite`, in an
 * install of their own: they sit on the line of OpenTelemetry before ours.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Attributes, ROOT_CONTEXT } from "@opentelemetry/api";
import type { Sampler } from "@opentelemetry/sdk-trace";
import { type HeadSampler, always, never, probability, rules } from "edgespan/sampling";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { parentWith, randomWords, told, traceIds } from "../unit/sample/sampling.ts";
import { installTemplate } from "./support/app.ts";
import { reachesRegistry } from "./support/npm.ts";
import { type Scratch, scratchOutside } from "./support/scratch.ts";

type Composable = object;
type Predicate = (
  context: unknown,
  id: string,
  name: string,
  kind: number,
  of: Attributes,
) => boolean;
interface Official {
  createCompositeSampler(of: Composable): Sampler;
  createComposableAlwaysOnSampler(): Composable;
  createComposableAlwaysOffSampler(): Composable;
  createComposableProbabilitySampler(ratio: number): Composable;
  createComposableParentThresholdSampler(root: Composable): Composable;
  createComposableRuleBasedSampler(list: readonly [Predicate, Composable][]): Composable;
}

const online = await reachesRegistry();
const note = online ? "" : " (skipped: the npm registry cannot be reached)";

/** What a caller may send; without one a trace begins. */
const STATES = [
  undefined,
  "",
  "v=1",
  "ot=th:0",
  "ot=th:8",
  "v=1,ot=th:e6666666666666",
  "v=1,ot=th:c;rv:d0000000000000;x:y",
  "ot=th:4;rv:3fffffffffffff",
  "ot=rv:00000000000000",
  "ot=rv:ffffffffffffff",
  "ot=x:y",
];
const ATTRIBUTES = [
  { "url.path": "/health" },
  { "url.path": "/orders", "http.request.method": "POST" },
  { "url.path": "/orders", "user.tier": "free" },
  { "url.path": "/orders" },
];
const RATIOS = [0, 2 ** -56, 1e-6, 0.01, 1 / 3, 0.9, 1 - 2 ** -53, 1];

/** The 56 bits that decide, and those of which a caller that keeps to them sets the flag. */
const randomnessOf = (id: string, state: string): string =>
  /rv:(\w{14})/.exec(state)?.[1] ?? id.slice(-14);
const thresholdOf = (state: string): string | undefined => /th:(\w+)/.exec(state)?.[1];

/** 20,000 traces, each with one of the callers and one kind of request. */
const coin = randomWords(12);
const ASKED = traceIds(20_000, 11).map((traceId, at) => {
  const state = STATES[at % STATES.length];
  const attributes = ATTRIBUTES[(at >> 4) % ATTRIBUTES.length] as Attributes;
  if (state === undefined) return { traceId, attributes, context: ROOT_CONTEXT };
  const threshold = thresholdOf(state);
  const sampled =
    threshold === undefined
      ? coin() % 2
      : +(randomnessOf(traceId, state) >= threshold.padEnd(14, "0"));
  const context = parentWith({ traceId, traceFlags: sampled, traceState: state });
  return { traceId, attributes, context };
});

/** Members and fields in the order of their names, which means nothing; a drop has no threshold. */
function meant([isKept, state]: [boolean, string]): string {
  const members = state.split(",").map((member) => {
    if (!member.startsWith("ot=")) return member;
    const fields = member
      .slice(3)
      .split(";")
      .filter((field) => isKept || !field.startsWith("th:"));
    return fields.toSorted().join(";");
  });
  return `${isKept} ${members.filter(Boolean).toSorted().join(",")}`;
}

describe.skipIf(!online)(`the official composable samplers${note}`, () => {
  let folder: Scratch;
  let official: Official;

  beforeAll(async () => {
    folder = await scratchOutside();
    const { app, ok, output } = await installTemplate("sampler-composite", folder.path);
    if (!ok) throw new Error(output);
    official = createRequire(join(app, "_"))("@opentelemetry/sampler-composite") as Official;
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const share = (of: number): Composable => official.createComposableProbabilitySampler(of);

  /** On which traces both differ, and how many ours keeps. */
  function compared(
    ours: HeadSampler,
    composable: Composable,
  ): { differ: unknown[]; kept: string } {
    const theirs = official.createCompositeSampler(composable);
    const pairs = ASKED.map((asked) => [told(ours, asked), told(theirs, asked)] as const);
    const kept = pairs.filter(([[isKept]]) => isKept).length;
    return {
      differ: pairs.filter(([own, other]) => meant(own) !== meant(other)),
      kept: kept === 0 ? "none" : kept === pairs.length ? "all" : "some",
    };
  }

  test.each(RATIOS)("decide as probability(%d), and tell the same threshold", (ratio) => {
    const alone = compared(probability(ratio, { parentBased: false }), share(ratio));
    const kept = ratio === 0 ? "none" : ratio === 1 ? "all" : "some";
    expect(alone).toEqual({ differ: [], kept });
    const follows = official.createComposableParentThresholdSampler(share(ratio));
    expect(compared(probability(ratio), follows)).toEqual({ differ: [], kept: "some" });
  });

  it("decide as always and never", () => {
    expect([
      compared(always, official.createComposableAlwaysOnSampler()),
      compared(never, official.createComposableAlwaysOffSampler()),
    ]).toEqual([
      { differ: [], kept: "all" },
      { differ: [], kept: "none" },
    ]);
  });

  it("decide as rules, the last of which matches all", () => {
    const composable = official.createComposableRuleBasedSampler([
      [
        (...asked) => asked[4]["url.path"] === "/health",
        official.createComposableAlwaysOffSampler(),
      ],
      [
        (...asked) => asked[4]["url.path"] === "/orders",
        official.createComposableRuleBasedSampler([
          [(...asked) => asked[4]["http.request.method"] === "POST", share(0.5)],
          [(...asked) => asked[4]["user.tier"] === "free", share(0.01)],
          [() => true, official.createComposableAlwaysOnSampler()],
        ]),
      ],
    ]);
    const own = { parentBased: false };
    const ours = rules(
      [
        { route: "/health", sampler: never },
        {
          route: "/orders",
          sampler: rules(
            [
              { method: "post", sampler: probability(0.5, own) },
              { attributes: { "user.tier": "free" }, sampler: probability(0.01, own) },
              { sampler: always },
            ],
            own,
          ),
        },
      ],
      own,
    );
    expect(compared(ours, composable)).toEqual({ differ: [], kept: "some" });
    const follows = official.createComposableParentThresholdSampler(composable);
    const following = compared(rules([{ sampler: ours }]), follows);
    expect(following).toEqual({ differ: [], kept: "some" });
  });

  test.each<
    [
      what: string,
      ours: () => HeadSampler,
      theirs: () => Composable,
      state: string,
      flags: number,
      told: [boolean, string],
      elsewhere: [boolean, string],
    ]
  >([
    [
      "leave a threshold to what they drop, where ot has nothing else",
      () => never,
      () => official.createComposableAlwaysOffSampler(),
      "ot=th:8",
      1,
      [false, ""],
      [false, "ot=th:8"],
    ],
    [
      "write ot anew where nothing changes",
      () => probability(0),
      () => official.createComposableParentThresholdSampler(share(0)),
      "v=1,ot=x:y;th:0",
      1,
      [true, "v=1,ot=x:y;th:0"],
      [true, "ot=th:0;x:y,v=1"],
    ],
    [
      "believe a threshold where the sampled flag contradicts it",
      () => probability(0),
      () => official.createComposableParentThresholdSampler(share(0)),
      "v=1,ot=th:8;rv:10000000000000",
      1,
      [true, "ot=rv:10000000000000,v=1"],
      [false, "ot=rv:10000000000000,v=1"],
    ],
    [
      "drop what no rule matches",
      () => rules([], { parentBased: false }),
      () => official.createComposableRuleBasedSampler([]),
      "v=1",
      1,
      [true, "ot=th:0,v=1"],
      [false, "v=1"],
    ],
  ])("differ in that they %s", (_, ours, theirs, traceState, traceFlags, own, other) => {
    const asked = { context: parentWith({ traceFlags, traceState }) };
    expect(told(ours(), asked)).toEqual(own);
    expect(told(official.createCompositeSampler(theirs()), asked)).toEqual(other);
  });
});
