/** The SDK is registered after edgespan. */
import { instrument } from "edgespan/worker";
import { type Env, handler, work } from "./handler.ts";
import { recorded, register, trackBoth } from "./sdk.ts";

export { Desk } from "./desk.ts";

const traced = instrument({
  ...handler(),
  async fetch(_request: Request, env: Env): Promise<Response> {
    trackBoth();
    await work(env);
    return Response.json([isFirst, recorded()]);
  },
});

const isFirst = register();

export default traced;
