/** The platform of Workers: real workerd. */
import { TOOLS } from "../package/support/bundle.ts";
import { createBundles } from "./bundles.ts";
import { type App, type Platform, request, sdk } from "./platform.ts";
import { startWorkerd } from "./workerd-process.ts";

const bundles = (NODE_ENV: string) =>
  createBundles({
    ...TOOLS.worker,
    // What wrangler writes there.
    define: { "process.env.NODE_ENV": JSON.stringify(NODE_ENV) },
  });

/** The Worker that `entry` exports, bare and instrumented. */
export function workerd(entry: string, rootName: Platform["rootName"]): Platform {
  const [local, production] = [bundles("development"), bundles("production")];
  return {
    answersWithinMs: 1_000,
    answersAtOnce: true,
    answersErrors: entry.startsWith("hono"),
    rootName,
    async start({ env, instrumented, deployed = false }) {
      const bundled = deployed ? production : local;
      return startWorkerd(await bundled(`${entry}-${instrumented ? "instrumented" : "bare"}`), env);
    },
    rootSpan: (app) => rootSpan(app, rootName("/text")),
  };
}

function rootSpan({ url }: App, name: string): ReturnType<Platform["rootSpan"]> {
  const { hostname, port } = new URL(url);
  const [, route] = name.split(" ");
  return {
    name,
    attributes: {
      ...request,
      ...(route && { "http.route": route }),
      "cloudflare.colo": "VIE",
      "server.address": hostname,
      "server.port": Number(port),
      "url.scheme": "http",
    },
    resource: {
      ...sdk,
      "cloud.platform": "cloudflare.workers",
      "cloud.provider": "cloudflare",
      "telemetry.sdk.language": "js",
    },
  };
}
