/** Adds up the totals of several Vitest JSON reports; fails where a test failed or none ran. */
import { readFileSync } from "node:fs";

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

const reports = process.argv
  .slice(2)
  .map((path) => JSON.parse(readFileSync(path, "utf8")) as Report);
const total = (key: keyof Report): number => reports.reduce((sum, report) => sum + report[key], 0);

const passed = total("numPassedTests");
const failed = total("numFailedTests");
console.log(`${passed} passed, ${failed} failed, ${total("numPendingTests")} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
