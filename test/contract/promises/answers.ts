/** The application answers as if edgespan were not there. */
import { expect, it } from "vitest";
import { told } from "../get.ts";
import type { Stage } from "../stage.ts";

const PATHS: readonly (readonly [path: string, status: number])[] = [
  ["/text", 200],
  ["/json", 201],
  ["/empty", 204],
  ["/binary", 200],
  ["/cookie", 200],
  ["/unavailable", 503],
  ["/nowhere", 404],
];

const AT_ONCE: typeof PATHS = [
  ["/sync/text", 200],
  ["/sync/json", 200],
];

const FAILING = [
  "/throws",
  "/throws-text",
  "/throws-object",
  "/sync/throws",
  "/sync/throws-text",
] as const;

export function keepsAnswers(stage: Stage): void {
  const { answersAtOnce } = stage.platform;
  const paths = [...PATHS, ...(answersAtOnce ? AT_ONCE : [])];
  it.each(paths)("gives the same status, headers and body for %s", async (path, status) => {
    const bare = told(await stage.bare.get(path));
    const { response } = await stage.traced.traced(path, 1);
    expect(told(response)).toEqual(bare);
    expect(bare.status).toBe(status);
    expect(bare.headers).toHaveProperty("x-app", "set by the app");
  });

  it.each(FAILING)("fails in the same way for %s", async (path) => {
    const bare = told(await stage.bare.get(path));
    const { response } = await stage.traced.traced(path, 1);
    expect(told(response)).toEqual(bare);
    expect(bare.status).toBeGreaterThanOrEqual(500);
  });
}
