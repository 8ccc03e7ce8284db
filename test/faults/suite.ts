/// <reference lib="esnext.disposable" />
/** Holds a platform to every promise of the table. */
import { beforeAll, describe, expect, it, vi } from "vitest";
import { goodManners, manners, promised, told } from "./outcome.ts";
import { CHILDREN, DELIVERED, type FaultPromise, REFUSED, SPLIT, TIMEOUT_MS } from "./promises.ts";
import { IMPATIENT, OUTAGES, PATIENT, RETRIED } from "./retries.ts";
import { ANSWER, type Invoked, type Stage, statsOf } from "./stage.ts";

/** Longer than the pause after three failures. */
const PAUSE_MS = 1_000;
/** Longer than three failures of any kind take. */
const PATIENCE_MS = 3_000;

/** What was told to the operator, by all stages of a test file. */
const warnings: string[] = [];

export function keepsPromises(stage: Stage): void {
  beforeAll(() => {
    // As where users are served: in an application's tests nobody stays for long.
    vi.stubEnv("NODE_ENV", "production");
    vi.spyOn(console, "warn").mockImplementation((text: string) => void warnings.push(text));
  });

  /** Invokes once; the answer must be as without edgespan, and where it can must not wait. */
  async function untouched(url: string, invoke: () => Promise<Invoked>): Promise<Invoked> {
    const posts = (): number => statsOf(url)?.posts ?? 0;
    const [startedAt, before] = [Date.now(), posts()];
    const invoked = await invoke();
    const waited = posts() > before || Date.now() - startedAt >= TIMEOUT_MS;
    expect([invoked.answer, stage.answersFirst && waited]).toEqual([ANSWER, false]);
    return invoked;
  }

  /** Awaits the warnings on `url`, of which each must hold what was promised. */
  async function warned(url: string, { warning = [] }: FaultPromise): Promise<void> {
    const expected = [warning].flat();
    const about = (): string[] => warnings.filter((text) => text.includes(url));
    await vi.waitFor(() => expect(about()).toHaveLength(expected.length), PATIENCE_MS);
    expect(about()).toEqual(expected.map((text) => expect.stringContaining(text) as string));
  }

  describe.concurrent.each([
    ["what has arrived counts as exported", DELIVERED],
    ["what is refused is dropped", REFUSED],
    ["what may be taken later is sent again", RETRIED.concat(stage.answersFirst ? PATIENT : [])],
    ["what is too large is sent in parts", SPLIT],
  ] as const)("%s", (_, promises) => {
    it.concurrent.each(titled(promises))("%s", async (__, promise) => {
      await using backend = await stage.openBackend(promise.script, promise);
      const invoke = stage.start(backend.url, promise.children ?? CHILDREN);
      const { settled } = await untouched(backend.url, invoke);
      await settled();
      expect(await told(backend)).toEqual(promised(4, promise));
      expect(await manners(backend, promise)).toEqual(goodManners(promise));
      await warned(backend.url, promise);
    });
  });

  describe.concurrent("what cannot be sent now waits", () => {
    const promises = OUTAGES.concat(stage.answersFirst ? [] : IMPATIENT);
    it.concurrent.each(titled(promises))("%s", async (__, promise) => {
      await using backend = await stage.openBackend(promise.script, promise);
      const invoke = stage.start(backend.url, CHILDREN);
      const first = await untouched(backend.url, invoke);
      await warned(backend.url, promise);
      expect(await told(backend)).toEqual(promised(4, promise));
      expect(await manners(backend, promise)).toEqual(goodManners(promise));
      await backend.follow(["ok"]);
      const notBefore = (await backend.record()).posts.at(-1)?.retryNotBeforeMs ?? 0;
      const pauseMs = Math.max(PAUSE_MS, notBefore - Date.now());
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const second = await untouched(backend.url, invoke);
      await Promise.all([first.settled(), second.settled()]);
      expect(await told(backend)).toEqual(promised(8, promise.next ?? {}));
    });
  });
}

function titled(promises: readonly FaultPromise[]): [string, FaultPromise][] {
  return promises.map((promise) => [
    `${promise.script.join(", then ")}: ${promise.title}`,
    promise,
  ]);
}
