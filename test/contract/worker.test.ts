import { describe } from "vitest";
import { promises } from "./promises.ts";
import { workerd } from "./workerd.ts";

describe("a Worker in workerd", () => {
  promises(workerd("worker", () => "GET"));
});
