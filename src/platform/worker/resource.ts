/** The resource of a Worker, under the names that Cloudflare's own tracing uses. */
import type { Attributes } from "@opentelemetry/api";
import { sdkResource } from "../../trace/resource.js";

/** Reads the version from the `CF_VERSION_METADATA` binding, where the Worker has it. */
export function workerResource(env: unknown): Attributes {
  const { CF_VERSION_METADATA: version } = (env ?? {}) as { CF_VERSION_METADATA?: { id?: string } };
  return {
    ...sdkResource("js"),
    "cloud.provider": "cloudflare",
    "cloud.platform": "cloudflare.workers",
    "cloudflare.script_version.id": version?.id,
  };
}
