/** Stands in for Sentry, which sends when all that the application handed to `waitUntil` is done. */
import { instrument } from "edgespan/worker";
import { type Env, work } from "./handler.ts";

export { Desk } from "./desk.ts";

/** Counts the work by a method of the context's own; answers when there is none left. */
function untilAllIsDone(ctx: ExecutionContext): () => Promise<unknown> {
  const waitUntil = ctx.waitUntil.bind(ctx);
  const { promise, resolve } = Promise.withResolvers<void>();
  let pending = 0;
  const settled = (): void => {
    if (--pending === 0) resolve();
  };
  ctx.waitUntil = (given) => {
    pending++;
    waitUntil(given.then(settled, settled));
  };
  return async () => pending === 0 || promise;
}

export default instrument({
  async fetch(_request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const waitUntil = ctx.waitUntil.bind(ctx);
    const allIsDone = untilAllIsDone(ctx);
    const response = await work(env);
    ctx.waitUntil(scheduler.wait(20));
    waitUntil(allIsDone());
    return response;
  },
});
