/** AWS's own runtime client, where it is built. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a local Lambda needs to run under it. */
export interface AwsClient {
  readonly runtimeClient: string;
  /** The Node that Lambda has it for, where that is not this one. */
  readonly nodePath?: string;
}

interface Files {
  readonly native: string;
  readonly entry: string;
  readonly node?: string;
}

/** Whether this run is about the client of the previous major. */
export const isPrevious = process.env["RUNTIME_CLIENT"] === "previous";

const COMMAND = isPrevious ? "npm run test:e2e" : "npm ci";
export const HOW_TO = `${COMMAND} builds it on Linux with cmake, make, a C++ compiler, python3 and xz`;

/** Undefined where it is not built. Tests that need it are then skipped, and say so in their name. */
export const awsClient: AwsClient | undefined = isPrevious
  ? installed("../previous-runtime-client/node_modules/", {
      native: "aws-lambda-ric/dist/rapid-client.node",
      entry: "aws-lambda-ric/bin/index.mjs",
      node: "node/bin/node",
    })
  : installed("node_modules/", {
      native: "aws-lambda-ric/rapid-client.node",
      entry: "aws-lambda-ric/index.mjs",
    });

/** Its entry file. */
export function runtimeClientPath(): string | undefined {
  return awsClient?.runtimeClient;
}

/** @throws in CI, where a skipped test would pass for a kept promise */
function installed(folder: string, { native, entry, node }: Files): AwsClient | undefined {
  const pathOf = (file: string): string => fileURLToPath(new URL(folder + file, import.meta.url));
  // The entry file is there even when the native part, without which it cannot run, is not.
  if (existsSync(pathOf(native))) {
    return { runtimeClient: pathOf(entry), ...(node && { nodePath: pathOf(node) }) };
  }
  if (process.env["CI"] !== "true") return undefined;
  throw new Error(`${pathOf(native)} is missing; ${HOW_TO}, and logs to .cache`);
}
