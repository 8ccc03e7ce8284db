/** How long the bundle of a handler takes to load in a fresh process, against an empty module. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { bundle } from "./minimal.ts";

const RUNS = 21;
const FOLDER = ".cache/bench";
const PROGRAM = `
  const before = performance.now();
  await import(process.argv[1]);
  console.log(performance.now() - before);
`;

export async function benchLoad(): Promise<Record<string, string | number>[]> {
  const names = ["empty module", "edgespan/lambda"] as const;
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  mkdirSync(FOLDER, { recursive: true });
  for (const name of names) writeFileSync(fileOf(name), await bundle(name));
  // In turns, so that whatever else the machine does falls on all alike.
  for (let run = 0; run < RUNS; run++)
    for (const name of names) times.get(name)?.push(loadMs(fileOf(name)));
  return names.map((what) => ({ what, "ms (median)": median(times.get(what) ?? []) }));
}

function fileOf(name: string): string {
  return `${FOLDER}/${name.replace(/\W/g, "-")}.mjs`;
}

function loadMs(file: string): number {
  const url = new URL(file, `file://${process.cwd()}/`).href;
  const args = ["--input-type=module", "--eval", PROGRAM, url];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[sorted.length >> 1] ?? 0) * 100) / 100;
}
