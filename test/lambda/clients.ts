/** The runtime clients under which tests run, each as a `describe` of its own. */
import type { LambdaOptions } from "edgespan/testing";
import { describe, type SuiteOptions } from "vitest";
import { awsClient, HOW_TO, isPrevious } from "./runtime-client/index.ts";

/** What makes a local Lambda run under one client or another. */
export type Client = Pick<Partial<LambdaOptions>, "runtimeClient" | "nodePath" | "env">;

type Declare = (title: string, tests: (client: Client) => void, options?: SuiteOptions) => void;

/** Declares the tests under AWS's own client. */
export const underAwsClient: Declare = (title, tests, options = {}) => {
  const name = isPrevious ? "the previous aws-lambda-ric, on Node 22" : "aws-lambda-ric";
  const absence = awsClient ? "" : ` (skipped: it is not built; ${HOW_TO})`;
  describe.skipIf(!awsClient)(`${title}, under ${name}${absence}`, options, () => {
    tests(awsClient ?? {});
  });
};

/** Declares the tests once for each client. */
export const underEachClient: Declare = (title, tests, options = {}) => {
  underAwsClient(title, tests, options);
  if (isPrevious) return;
  describe(`${title}, under the built-in client`, options, () => {
    tests({});
  });
};

/** Declares tests that take long under one client: AWS's own, where it is built. */
export const underOneClient: Declare = awsClient ? underAwsClient : underEachClient;

/** Declares tests of what Node 22 and older had, and Node 24 no longer has. */
export const underNode22: Declare = (title, tests, options = {}) => {
  if (isPrevious) return underAwsClient(title, tests, options);
  const env = { AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" };
  describe(`${title}, under the built-in client as Node 22`, options, () => {
    tests({ env });
  });
};

/** Declares tests of what only Node 24 has. */
export const underNode24: Declare = (title, tests, options) => {
  if (!isPrevious) underEachClient(title, tests, options);
};
