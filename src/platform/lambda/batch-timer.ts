/** Managed Instances run several invocations at once and are never frozen: a timer gathers their spans. */
import type { Keeper } from "./extension.js";

export function createBatchTimer(windowMs: number): Keeper {
  let due: NodeJS.Timeout | undefined;
  return {
    begin: () => undefined,
    leave(_id, send) {
      due ??= setTimeout(() => {
        due = undefined;
        void send();
      }, windowMs).unref();
      return true;
    },
  };
}
