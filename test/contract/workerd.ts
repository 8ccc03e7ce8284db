/** The platform of Workers: real workerd under wrangler. */
import { expect } from "vitest";
import { createTestHarness } from "wrangler";
import { type App, type Platform, request, sdk } from "./platform.ts";

const entries = `${import.meta.dirname}/fixture/entries`;

// wrangler would print every error that the fixture throws.
process.env["WRANGLER_LOG"] = "none";

/** The Worker that `entry` exports, bare and instrumented. */
export function workerd(entry: string, rootName: Platform["rootName"]): Platform {
  return {
    answersWithinMs: 1_000,
    // wrangler sends requests on by itself, and answers 500 where it finds nobody.
    unreachable: "were not delivered to",
    answersAtOnce: true,
    answersErrors: entry.startsWith("hono"),
    rootName,
    async start({ env, instrumented, deployed = false }) {
      const harness = createTestHarness({
        workers: [
          {
            config: {
              name: "contract",
              main: `${entries}/${entry}-${instrumented ? "instrumented" : "bare"}.ts`,
              compatibility_date: "2026-10-01",
              compatibility_flags: ["nodejs_compat"],
              vars: env,
              // What `wrangler deploy` writes there.
              ...(deployed && { define: { "process.env.NODE_ENV": '"production"' } }),
            },
          },
        ],
      });
      const { url } = await harness.listen();
      return {
        url: url.origin,
        output: () =>
          harness
            .getLogs()
            .map(({ message }) => `${message}\n`)
            .join(""),
        close: () => harness.close(),
      };
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
      // Miniflare's placeholder, as there is no edge here.
      "cloudflare.colo": expect.any(String) as string,
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
