/** What each of these Workers does in a request, whoever traces it. */
import { span } from "edgespan";

export interface Env {
  readonly KV: KVNamespace;
  readonly DESK: Fetcher;
  readonly BOTH: Fetcher;
  readonly ROOMS: DurableObjectNamespace;
  readonly ECHO: string;
}

/** One call of each kind, each of which is to be one span. */
export async function work({ KV, DESK, ECHO }: Env): Promise<Response> {
  return span("work", async () => {
    const value = await KV.get("key");
    const text = await (await fetch(`${ECHO}/text`)).text();
    const desk = await (await DESK.fetch("http://desk/")).text();
    return Response.json([value, text, desk]);
  });
}

export const handler = () => ({
  async fetch(_request: Request, env: Env, _ctx: ExecutionContext): Promise<Response> {
    return work(env);
  },
});
