/** SIGTERM: what is left is sent before the sandbox ends. Lambda sends it where there is an extension. */

/** Sends all that waits, within so many milliseconds. */
export type Drain = (budgetMs: number) => Promise<unknown>;

/** Lambda kills the process after 300 to 500 ms. */
const BUDGET_MS = 300;

export function drainAtEnd(drains: readonly Drain[]): void {
  // First, so that a listener that was added by `once` is still seen.
  process.prependListener("SIGTERM", function onSignal() {
    // Whoever else listens decides when the process ends; a listener alone would keep it alive.
    const isAlone = process.listenerCount("SIGTERM") === 1;
    void Promise.allSettled(drains.map((drain) => drain(BUDGET_MS))).finally(() => {
      process.off("SIGTERM", onSignal);
      if (isAlone) process.kill(process.pid, "SIGTERM");
    });
  });
}
