import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(
  new URL("../../../scripts/install-runtime-client.ts", import.meta.url),
);

/** Vitest's global setup: builds the previous runtime client once, where there is a toolchain. */
export function setup(): void {
  execFileSync(process.execPath, [script, "previous-runtime-client"], { stdio: "inherit" });
}
