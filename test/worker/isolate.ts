/** Handlers that share the isolate of the tests, each request in a context of its own. */
import { exports } from "cloudflare:workers";
import { env, runInDurableObject } from "cloudflare:test";
import type { FlushOptions, Options, OtlpExporterOptions } from "edgespan";
import { type Collector, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";
import { handlers } from "./deployed.ts";
import { type FetchHandler, request } from "./invoke.ts";

const platform = (exports as unknown as { default: Fetcher }).default;

export interface Served {
  readonly collector: Collector;
  /** The name of the collector in `stats()`. */
  readonly url: string;
  /** How many works each request handed to its `ctx`, by path. */
  readonly works: ReadonlyMap<string, number>;
  /** Sends a real request, which the platform invokes. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Invokes the handler in a context which ends as soon as `until` is resolved. */
  sendMortal(path: string, until: Promise<void>): Promise<void>;
}

/** Serves an instrumented handler with a backend of its own. */
export function serve(
  handler: FetchHandler,
  flush: FlushOptions = {},
  exporter: Partial<OtlpExporterOptions> = {},
  options: Options = {},
): Served {
  const collector = createCollector();
  const works = new Map<string, number>();
  const name = crypto.randomUUID();
  const url = `http://collector.test/${name}`;
  const traced = instrument(handler, {
    exporter: { url, fetch: collector.fetch, ...exporter },
    flush,
    ...options,
  });
  handlers.set(name, {
    fetch(sent, given, ctx) {
      const { pathname } = new URL(sent.url);
      const { waitUntil } = ctx;
      works.set(pathname, 0);
      ctx.waitUntil = (work) => {
        works.set(pathname, (works.get(pathname) ?? 0) + 1);
        Reflect.apply(waitUntil, ctx, [work]);
      };
      return traced.fetch(sent, given, ctx);
    },
  });
  return {
    collector,
    url,
    works,
    send(path, init = {}) {
      const headers = { ...(init.headers as Record<string, string>), "x-handler": name };
      return platform.fetch(`http://worker.test${path}`, { ...init, headers });
    },
    async sendMortal(path, until) {
      const { MORTAL } = env as unknown as { MORTAL: DurableObjectNamespace };
      const mortal = MORTAL.get(MORTAL.newUniqueId());
      const invoked = runInDurableObject(mortal, async (_instance, state) => {
        const response = await traced.fetch(request(path), {}, state as never);
        await response.body?.cancel();
        await until;
        state.abort("the end");
      });
      await invoked.catch(() => undefined);
    },
  };
}

/** How many spans each export held. */
export const sizesOf = ({ collector }: Served): number[] =>
  collector.exports.map(({ spans }) => spans.length);

/** The paths of all root spans, in order of arrival. */
export const pathsOf = ({ collector }: Served): string[] =>
  collector
    .spans()
    .filter(({ kind }) => kind === "SERVER")
    .map(({ attributes }) => String(attributes["url.path"]));
