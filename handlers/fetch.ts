import { span } from "edgespan";
import { instrument } from "edgespan/worker";

interface Env {
  UPSTREAM: string;
}

export default instrument({
  async fetch(request: Request, env: Env): Promise<Response> {
    const upstream = await fetch(new URL(new URL(request.url).pathname, env.UPSTREAM));
    const text = await span("page.render", { "page.style": "loud" }, async (active) => {
      const page = await upstream.text();
      active.setAttribute("page.length", page.length);
      return page.toUpperCase();
    });
    return new Response(text, { status: upstream.status });
  },
});
