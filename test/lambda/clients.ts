/** The runtime clients under which tests run, each as a `describe` of its own. */
import type { LambdaOptions } from "edgespan/testing";
import { describe } from "vitest";
import { awsClient, HOW_TO, isPrevious } from "./runtime-client/index.ts";

/** What makes a local Lambda run under one client or another. */
export type Client = Pick<Partial<LambdaOptions>, "runtimeClient" | "nodePath" | "env">;

type Tests = (client: Client) => void;

/** Declares the tests under AWS's own client. */
export function underAwsClient(title: string, tests: Tests): void {
  const name = isPrevious ? "the previous aws-lambda-ric, on Node 22" : "aws-lambda-ric";
  const absence = awsClient ? "" : ` (skipped: it is not built; ${HOW_TO})`;
  describe.skipIf(!awsClient)(`${title}, under ${name}${absence}`, () => {
    tests(awsClient ?? {});
  });
}

/** Declares the tests once for each client. */
export function underEachClient(title: string, tests: Tests): void {
  underAwsClient(title, tests);
  if (isPrevious) return;
  describe(`${title}, under the built-in client`, () => {
    tests({});
  });
}

/** Declares tests that take long under one client: AWS's own, where it is built. */
export const underOneClient: (title: string, tests: Tests) => void = awsClient
  ? underAwsClient
  : underEachClient;

/** Declares tests of what Node 22 and older had, and Node 24 no longer has. */
export function underNode22(title: string, tests: Tests): void {
  if (isPrevious) return underAwsClient(title, tests);
  const env = { AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" };
  describe(`${title}, under the built-in client as Node 22`, () => {
    tests({ env });
  });
}

/** Declares tests of what only Node 24 has. */
export function underNode24(title: string, tests: Tests): void {
  if (!isPrevious) underEachClient(title, tests);
}
