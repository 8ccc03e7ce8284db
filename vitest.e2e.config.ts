import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/collector/build.ts", "test/e2e/emulator/build.ts"],
          // Real processes over loopback, one file at a time so that they share two cores.
          fileParallelism: false,
          sequence: { groupOrder: 0 },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // What holds under the current runtime client, again under that of the previous major.
          name: "previous-client",
          include: [
            "test/lambda/{after-response,init,streaming,termination,timeout}.test.ts",
            "test/lambda/{events-runtimes,handler-kinds,local-runtime,middy,wrapped-runtimes}.test.ts",
            "test/contract/lambda.test.ts",
            "test/e2e/{emulator,lambda-freezes}.test.ts",
          ],
          globalSetup: [
            "test/lambda/previous-runtime-client/build.ts",
            "test/e2e/emulator/build.ts",
          ],
          env: { RUNTIME_CLIENT: "previous" },
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
