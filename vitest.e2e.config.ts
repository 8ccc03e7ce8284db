import { defineConfig } from "vitest/config";

/** End to end: real processes over loopback, one file at a time so that they share two cores. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    environment: "node",
    globalSetup: "test/e2e/collector/build.ts",
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
