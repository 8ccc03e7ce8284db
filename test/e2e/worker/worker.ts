/** The e2e tests' Worker: what it records, and how it is sent, is told by its variables and paths. */
import { trace } from "@opentelemetry/api";
import { span, stats } from "edgespan";
import { protobuf } from "edgespan/protobuf";
import { instrument } from "edgespan/worker";
import { recordHostile } from "../hostile.ts";
import { determined, tellStory } from "../story.ts";

interface Env {
  /** The traces endpoints, one for each line. */
  readonly ENDPOINTS: string;
  readonly PROTOCOL?: "http/json" | "http/protobuf";
  readonly COMPRESSION?: "gzip" | "none";
  /** Where set, ids and times are known beforehand. */
  readonly DETERMINED?: string;
}

const traced = instrument(
  {
    async fetch(request: Request, _env: Env, _ctx: unknown): Promise<Response> {
      const { pathname } = new URL(request.url);
      if (pathname === "/story") tellStory();
      if (pathname === "/hostile") recordHostile();
      const inner = span("work", (active) => active.spanContext().spanId);
      return Response.json([trace.getActiveSpan()?.spanContext().spanId, inner]);
    },
  },
  ({ ENDPOINTS, PROTOCOL, COMPRESSION, DETERMINED }) => ({
    ...(DETERMINED && determined()),
    // Hostile values are longer than an invocation's spans may be by default.
    limits: { maxBytes: Number.POSITIVE_INFINITY },
    exporter: ENDPOINTS.split("\n").map((url) =>
      Object.assign(
        { url },
        PROTOCOL === "http/protobuf" && { protocol: protobuf },
        COMPRESSION && { compression: COMPRESSION },
      ),
    ),
  }),
);

export default {
  /** `/stats` is not traced, so that asking changes nothing. */
  fetch(request: Request, env: Env, ctx: unknown): Response | Promise<Response> {
    if (new URL(request.url).pathname === "/stats") return Response.json(stats());
    return traced.fetch(request, env, ctx);
  },
};
