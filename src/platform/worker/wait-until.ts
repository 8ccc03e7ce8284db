/** Sees what work the handler itself hands to `ctx.waitUntil`. */
import { activeFrame } from "../../trace/active.js";
import type { WaitsUntil } from "./after-response.js";
import { type Method, type Replacement, isReplaced, replaceMethods } from "./replace-methods.js";

/** The invocation is exported when the work has settled too. */
const METHODS: Readonly<Record<string, Replacement>> = {
  waitUntil: (original) =>
    function (...args) {
      const [work] = args;
      const scope = activeFrame()?.scope;
      if (scope && work instanceof Promise) {
        scope.open++;
        const settled = (): void => scope.settled();
        work.then(settled, settled);
      }
      return Reflect.apply(original, this, args);
    },
};

/** Instruments the class of `ctx`: an `ExecutionContext`, or the state of a Durable Object. */
export function trackWaitUntil(ctx: WaitsUntil | undefined): void {
  const { waitUntil } = (ctx ?? {}) as { waitUntil?: Method };
  // This is asked for each invocation.
  if (!isReplaced(waitUntil)) replaceMethods(ctx, METHODS);
}
