import { describe } from "vitest";
import { runtimeClientPath } from "../lambda/runtime-client/index.ts";
import { promises } from "./promises.ts";
import { sandbox } from "./sandbox.ts";
import { workerd } from "./workerd.ts";

const ric = runtimeClientPath();
const absence = ric === undefined ? " (skipped: it is not built, see npm run prepare)" : "";
const route = (path: string): string => `GET ${path}`;

describe("Hono on a Worker in workerd", () => {
  promises(workerd("hono-worker", route));
});

describe.skipIf(ric === undefined)(`Hono on Lambda under aws-lambda-ric${absence}`, () => {
  promises(sandbox("hono-lambda", route, ric));
});
