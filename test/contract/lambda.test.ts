import { describe } from "vitest";
import { runtimeClientPath } from "../lambda/runtime-client/index.ts";
import { promises } from "./promises.ts";
import { sandbox } from "./sandbox.ts";

const ric = runtimeClientPath();
const absence = ric === undefined ? " (skipped: it is not built, see npm run prepare)" : "";

describe.skipIf(ric === undefined)(`a Lambda function under aws-lambda-ric${absence}`, () => {
  promises(sandbox("lambda", () => "GET", ric));
});

describe("a Lambda function under the built-in client", () => {
  promises(sandbox("lambda", () => "GET", undefined));
});
