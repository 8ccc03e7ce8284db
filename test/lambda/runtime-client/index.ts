import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PACKAGE = new URL("node_modules/aws-lambda-ric/", import.meta.url);

/**
 * The entry file of AWS's own runtime client, or undefined where it is not built. Tests that need
 * it are then skipped, and say so in their name.
 *
 * @throws in CI, where a skipped test would pass for a kept promise.
 */
export function runtimeClientPath(): string | undefined {
  // The entry file is there even when the native part, without which it cannot run, is not.
  if (existsSync(new URL("rapid-client.node", PACKAGE))) {
    return fileURLToPath(new URL("index.mjs", PACKAGE));
  }
  if (process.env["CI"] !== "true") return undefined;
  throw new Error(
    "aws-lambda-ric is not built: on Linux with cmake, make, a C++ compiler and python3, " +
      "run `npm run prepare`; its log is .cache/install-runtime-client.log",
  );
}
