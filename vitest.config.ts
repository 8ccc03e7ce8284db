import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Some measure, so that they run before the others. */
const BEFORE = { maxWorkers: 2, sequence: { groupOrder: 0 } };
/** Much of their time is spent waiting for processes that the tests start. */
const TOGETHER = { maxWorkers: 3, sequence: { groupOrder: 1 } };
/** Retries and time limits are their subject, so that they run after the others. */
const AFTERWARDS = { maxWorkers: 2, sequence: { groupOrder: 2 } };

/** For a machine that has other work; no promise. */
const PATIENCE = { testTimeout: 20_000, hookTimeout: 60_000 };

const insideWorkerd = () =>
  cloudflareTest({ wrangler: { configPath: "test/worker/wrangler.toml" } });
const SERVERS = ["test/worker/collector-setup.ts", "test/faults/control-setup.ts"];
/** Neither the platform as it was before edgespan nor a cold start is their subject. */
const ONE_ISOLATE = [
  "test/worker/{capture,coalescing,concurrent,failing-backend,fetch-context,fetch-span}.test.ts",
  "test/worker/{flush,hono,leader,propagators,redact,sampling,scheduled,streams}.test.ts",
  "test/worker/{trust,waits}.test.ts",
  "test/faults/worker.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...BEFORE,
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          // A process for each of these files would take longer than its tests.
          isolate: false,
          ...PATIENCE,
        },
      },
      {
        plugins: [insideWorkerd()],
        test: {
          ...AFTERWARDS,
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          exclude: ONE_ISOLATE,
          globalSetup: SERVERS,
          ...PATIENCE,
        },
      },
      {
        plugins: [insideWorkerd()],
        test: {
          ...AFTERWARDS,
          name: "worker-shared",
          include: ONE_ISOLATE,
          isolate: false,
          globalSetup: SERVERS,
          ...PATIENCE,
          maxConcurrency: 20,
        },
      },
      {
        test: {
          ...TOGETHER,
          name: "runtimes",
          include: ["test/{aws,contract,lambda}/**/*.test.ts"],
          ...PATIENCE,
        },
      },
      {
        test: {
          ...AFTERWARDS,
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          exclude: ["test/faults/worker.test.ts"],
          ...PATIENCE,
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
