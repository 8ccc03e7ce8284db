/** The Worker of this folder in workerd, bundled by wrangler. */
import type { Stats } from "edgespan";
import { unstable_startWorker } from "wrangler";

export interface RunningWorker extends AsyncDisposable {
  /** Answers the ids of the spans that the request made: the server span's first. */
  request(path?: string, headers?: Record<string, string>): Promise<string[]>;
  stats(): Promise<Stats>;
}

/**
 * Not by `createTestHarness`: there, every fetch goes through Node and one that fails is
 * answered with a 500, where workerd throws.
 */
export async function startWorker(vars: Record<string, string>): Promise<RunningWorker> {
  // Keeps the local Worker from asking the network for a sample of `request.cf`.
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  // As where users are served; wrangler writes it into the bundle.
  process.env.NODE_ENV = "production";
  const bindings = Object.entries(vars).map(
    ([name, value]) => [name, { type: "plain_text", value }] as const,
  );
  const worker = await unstable_startWorker({
    config: "test/e2e/worker/wrangler.toml",
    bindings: Object.fromEntries(bindings),
    dev: { server: { port: 0 }, inspector: false, logLevel: "none", watch: false, persist: false },
  });
  const url = await worker.url;
  const get = async (path: string, headers: Record<string, string> = {}): Promise<unknown> =>
    (await fetch(new URL(path, url), { headers })).json();
  return {
    request: async (path = "/", headers) => (await get(path, headers)) as string[],
    stats: async () => (await get("/stats")) as Stats,
    [Symbol.asyncDispose]: () => worker.dispose(),
  };
}
