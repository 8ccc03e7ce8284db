/** The spans of Cloudflare's own tracing around and within those of edgespan. */
import { tracing } from "cloudflare:workers";
import { span } from "edgespan";
import { instrument } from "edgespan/worker";
import { type Env, work } from "./handler.ts";

export { Desk } from "./desk.ts";

export default instrument({
  async fetch(_request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const native = (ctx as unknown as { tracing: typeof tracing }).tracing;
    const inner = await tracing.enterSpan("outer", async (outer) => {
      outer.setAttribute("a", 1);
      const response = await span("between", async () =>
        native.enterSpan("inner", async () => work(env)),
      );
      return [typeof outer.isTraced, await response.json()];
    });
    return Response.json([typeof native.enterSpan, inner]);
  },
});
