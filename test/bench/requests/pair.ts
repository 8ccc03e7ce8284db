/**
 * Prints the CPU time of a bare request and of another, taken in turns: of each the median of the
 * rounds, and that of their differences, as JSON.
 */
import { type Call, PLATFORMS } from "./calls.ts";

export interface Pair {
  bare: number;
  micros: number;
  overBare: number;
}

/** The first half warms up: it takes an engine some 100,000 calls to have done its best. */
const MS = 8_000;
const CONCURRENT = 1_000;

async function measure(bare: Call, other: Call): Promise<Pair> {
  const rounds: Pair[] = [];
  for (const end = performance.now() + MS; performance.now() < end;) {
    const pair = { bare: await cpuMicros(bare), micros: await cpuMicros(other) };
    rounds.push({ ...pair, overBare: pair.micros - pair.bare });
  }
  const warm = rounds.slice(rounds.length >> 1);
  const median = (of: keyof Pair): number =>
    warm.map((round) => round[of]).toSorted((a, b) => a - b)[warm.length >> 1] ?? 0;
  return { bare: median("bare"), micros: median("micros"), overBare: median("overBare") };
}

/**
 * CPU time of one request with all that follows it, of many concurrent ones: the time on the
 * clock would count the wait that lets the response leave first.
 */
async function cpuMicros(call: Call): Promise<number> {
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: CONCURRENT }, call));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CONCURRENT;
}

const [platform = "", what = ""] = process.argv.slice(2);
const calls = PLATFORMS[platform]?.() ?? {};
const [bare] = Object.values(calls);
const other = calls[what];
if (!bare || !other) throw new Error(`no request is called ${what} of ${platform}`);
process.stdout.write(JSON.stringify(await measure(bare, other)));
