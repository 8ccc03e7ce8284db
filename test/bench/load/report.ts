/** What a run prints. */
import type { Outcome } from "./client-process.ts";
import type { Counts } from "./collector-process.ts";
import type { Subject } from "./subject.ts";

/** What is loaded in turns: nothing, the contexts that spans need, and all of tracing. */
export interface Compared {
  readonly bare: Subject;
  readonly contexts: Subject;
  readonly instrumented: Subject;
}

/**
 * Medians of the rounds, save the CPU time: that is of all rounds together, with the exports
 * that were put off until after them. On few cores the rate also pays for the collector.
 */
export function printSpeed({ bare, contexts, instrumented }: Compared): void {
  const row = (of: (subject: Subject) => number): Record<string, number> => ({
    bare: round(of(bare)),
    "contexts only": round(of(contexts)),
    instrumented: round(of(instrumented)),
    "contexts only / bare": round(of(contexts) / of(bare)),
    "instrumented / bare": round(of(instrumented) / of(bare)),
  });
  const median = (of: (outcome: Outcome) => number): Record<string, number> =>
    row(({ outcomes }) => medianOf(outcomes.map(of)));
  console.table({
    "requests/s": median(({ perSecond }) => perSecond),
    "p50 ms": median(({ p50Ms }) => p50Ms),
    "p99 ms": median(({ p99Ms }) => p99Ms),
    "CPU ms/request": row((subject) => subject.cpuMsPerRequest()),
  });
}

/** What reached the collector of `requests`, which recorded `spans`. */
export function printExport(counts: Counts, requests: number, spans: number): void {
  const { posts, bytes, duplicates, connections } = counts;
  console.table({
    "spans expected": spans,
    "spans received": counts.spans,
    "spans lost": spans - (counts.spans - duplicates),
    "spans duplicated": duplicates,
    POSTs: posts,
    "POSTs per request": round(posts / requests),
    "spans per POST": round(counts.spans / posts),
    "bytes per span": round(bytes / counts.spans),
    connections: connections,
  });
}

/** Resident memory, in MB, after the warm-up and after each round. */
export function printMemory(bare: Subject, instrumented: Subject): void {
  const rows = instrumented.usages.map(({ rssMb }, at) => [
    nameOf(at),
    { "bare RSS MB": mb(bare.usages[at]?.rssMb), "instrumented RSS MB": mb(rssMb) },
  ]);
  console.table(Object.fromEntries(rows));
}

/** What is reachable after each round, in MB, beside the resident memory. */
export function printHeap({ usages }: Subject, heapMb: readonly number[]): void {
  const rows = heapMb.map((heap, at) => [
    nameOf(at),
    { "heap MB, collected": round(heap), "RSS MB": mb(usages[at]?.rssMb) },
  ]);
  console.table(Object.fromEntries(rows));
}

/** How each round of `requests` went; CPU time of work that is put off falls on a later round. */
export function printRounds({ usages, outcomes }: Subject, requests: number): void {
  const rows = outcomes.map(({ perSecond, p50Ms, p99Ms }, at) => {
    const [before = 0, after = 0] = usages.slice(at, at + 2).map(({ cpuMs }) => cpuMs);
    return [
      nameOf(at + 1),
      {
        "RSS MB": mb(usages[at + 1]?.rssMb),
        "CPU ms/request": round((after - before) / requests),
        "requests/s": round(perSecond),
        "p50 ms": round(p50Ms),
        "p99 ms": round(p99Ms),
      },
    ];
  });
  console.table({
    warm: { "RSS MB": mb(usages[0]?.rssMb) },
    ...Object.fromEntries(rows),
  });
}

function nameOf(at: number): string {
  return at === 0 ? "warm" : `round ${at}`;
}

const SHOWN = 3;

/** What the instrumented Worker wrote, which under load should be little. */
export function printSaid(lines: readonly string[]): void {
  if (lines.length === 0) return;
  console.log(`the instrumented Worker wrote ${lines.length} lines:`);
  for (const line of new Set(lines.slice(0, SHOWN))) console.log(`  ${line.slice(0, 200)}`);
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function mb(value = 0): number {
  return Math.round(value);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
