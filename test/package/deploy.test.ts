import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./support/manifest.ts";
import { run } from "./support/run.ts";
import { scratchInside } from "./support/scratch.ts";

it("`wrangler deploy --dry-run` takes the demo without a warning, with all of its bindings", async () => {
  await using folder = await scratchInside();
  const args = ["deploy", "--dry-run", "--outdir", folder.path];
  const env = { ...process.env, NODE_ENV: "production", WRANGLER_SEND_METRICS: "false" };
  const program = join(ROOT, "node_modules/.bin/wrangler");
  const { ok, output } = await run(program, args, ROOT, env);
  expect(output).not.toMatch(/warning|error|▲|✘/i);
  expect(ok).toBe(true);
  const bindings = Array.from(output.matchAll(/^env\.([A-Z_]+)/gm), ([, name]) => name);
  const variables = ["ORDERS_URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"];
  expect(new Set(bindings)).toEqual(
    new Set(["INVENTORY", "ORDERS", "SESSIONS", "SHIPPING", "SHOP", ...variables]),
  );
  expect(await readdir(folder.path)).toContain("worker.js");
});
