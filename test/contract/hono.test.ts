import { describe } from "vitest";
import { underAwsClient } from "../lambda/clients.ts";
import { promises } from "./promises.ts";
import { sandbox } from "./sandbox.ts";
import { workerd } from "./workerd.ts";

const route = (path: string): string => `GET ${path}`;

describe("Hono on a Worker in workerd", () => {
  promises(workerd("hono-worker", route));
});

underAwsClient("Hono on Lambda", (client) => {
  promises(sandbox("hono-lambda", route, client));
});
