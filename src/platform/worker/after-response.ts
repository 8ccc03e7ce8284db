/** What a Worker may do after its response. */
import type { AfterResponse } from "../../flush/flush.js";
import { quietly } from "../../trace/quietly.js";

/** The part of a Worker's `ExecutionContext` that is used here. */
export interface WaitsUntil {
  waitUntil(work: Promise<unknown>): void;
}

/**
 * Work under `waitUntil` is ended 30 s after the response; a second is left for the answer.
 * @see https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil
 */
const ALLOWED_MS = 29_000;

/**
 * Without a `ctx`, as in an application's own tests, work simply runs on. `waitUntil` is taken as
 * it is before the handler runs: Sentry's stand-in for it has Sentry wait for all work, and ours
 * waits for Sentry's.
 */
export function afterResponse(ctx: WaitsUntil | undefined): AfterResponse {
  const method = quietly(() => (ctx as Partial<WaitsUntil> | undefined)?.waitUntil);
  return {
    waitUntil(work) {
      method?.call(ctx as WaitsUntil, work);
    },
    remainingMs() {
      return ALLOWED_MS;
    },
  };
}
