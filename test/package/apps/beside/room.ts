/** What Sentry and edgespan trace, whoever is outside. */
import { DurableObject } from "cloudflare:workers";
import { span } from "edgespan";

/** Sends nothing anywhere. */
const transport = () => ({ send: async () => ({}), flush: async () => true });

export const options = () => ({
  dsn: "https://key@sentry.invalid/1",
  tracesSampleRate: 1,
  transport,
});

interface Env {
  ROOM: DurableObjectNamespace<PlainRoom>;
}

export class PlainRoom extends DurableObject {
  override async fetch(): Promise<Response> {
    return new Response();
  }
  async add(a: number, b: number): Promise<number> {
    return a + b;
  }
}

export const handler = {
  async fetch(_request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const room = env.ROOM.getByName("one");
    await room.fetch("http://room/");
    ctx.waitUntil(span("later", () => scheduler.wait(20)));
    return new Response(String(await room.add(1, 2)));
  },
};
