/** What one request costs more than bare: sampled, sampled out, and turned off. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PLATFORMS } from "./requests/calls.ts";
import type { Pair } from "./requests/pair.ts";

type Row = Record<string, string | number>;

const PAIR = fileURLToPath(new URL("requests/pair.ts", import.meta.url));

/**
 * Each in a process of its own, one after the other: nobody runs both platforms in one, and what
 * the sampled ones leave behind would be collected at the cost of the others.
 */
export async function benchRequests(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [platform, calls] of Object.entries(PLATFORMS))
    for (const what of Object.keys(calls()).slice(1)) {
      const { stdout } = await promisify(execFile)(process.execPath, [PAIR, platform, what]);
      const { bare, micros, overBare } = JSON.parse(stdout) as Pair;
      rows.push({
        platform,
        what,
        "CPU µs": round(micros),
        "bare CPU µs": round(bare),
        "CPU µs over bare": round(overBare),
      });
    }
  return rows;
}

function round(micros: number): number {
  return Math.round(micros * 100) / 100;
}
