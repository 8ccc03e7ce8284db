import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Most of the time is spent waiting for processes that the tests start.
    maxWorkers: 3,
    projects: [
      {
        test: { name: "unit", include: ["test/unit/**/*.test.ts"] },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "test/worker/wrangler.toml" } })],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts", "test/faults/worker.test.ts"],
          globalSetup: ["test/worker/collector-setup.ts", "test/faults/control-setup.ts"],
          maxConcurrency: 20,
        },
      },
      {
        test: {
          name: "runtimes",
          include: ["test/{aws,contract,lambda}/**/*.test.ts"],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          exclude: ["test/faults/worker.test.ts"],
          maxConcurrency: 20,
        },
      },
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
