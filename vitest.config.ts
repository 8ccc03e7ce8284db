import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Most of their time is spent waiting for processes that the tests start. */
const TOGETHER = { maxWorkers: 2, sequence: { groupOrder: 0 } };
/** Retries and time limits are their subject, so that they run after the others. */
const AFTERWARDS = { maxWorkers: 2, sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    projects: [
      {
        test: { ...TOGETHER, name: "unit", include: ["test/unit/**/*.test.ts"] },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "test/worker/wrangler.toml" } })],
        test: {
          ...AFTERWARDS,
          name: "worker",
          include: ["test/worker/**/*.test.ts", "test/faults/worker.test.ts"],
          globalSetup: ["test/worker/collector-setup.ts", "test/faults/control-setup.ts"],
          maxConcurrency: 20,
        },
      },
      {
        test: {
          ...TOGETHER,
          name: "runtimes",
          include: ["test/{aws,contract,lambda}/**/*.test.ts"],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...AFTERWARDS,
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          exclude: ["test/faults/worker.test.ts"],
          maxConcurrency: 20,
        },
      },
      {
        test: {
          ...TOGETHER,
          name: "package",
          include: ["test/package/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
