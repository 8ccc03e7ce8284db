import { Agent, getAgentByName } from "agents";
import { span } from "edgespan";
import { instrument, instrumentDurableObject, traceRpc } from "edgespan/worker";

class PlainHelper extends Agent {
  async add(a: number, b: number): Promise<number> {
    return span("sum", () => a + b);
  }
}

export const Room = instrumentDurableObject(PlainHelper);

interface Env {
  ROOM: DurableObjectNamespace<PlainHelper>;
}

export default instrument({
  async fetch(_request: Request, env: Env): Promise<Response> {
    const helper = traceRpc(await getAgentByName(env.ROOM, "one"), { propagate: true });
    return new Response(String(await helper.add(1, 2)));
  },
});
