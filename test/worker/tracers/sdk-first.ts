/** The SDK is registered before edgespan. */
import { instrument } from "edgespan/worker";
import { type Env, handler, work } from "./handler.ts";
import { recorded, register, trackBoth } from "./sdk.ts";

const isFirst = register();
export { Desk } from "./desk.ts";

export default instrument({
  ...handler(),
  async fetch(_request: Request, env: Env): Promise<Response> {
    trackBoth();
    await work(env);
    return Response.json([isFirst, recorded()]);
  },
});
