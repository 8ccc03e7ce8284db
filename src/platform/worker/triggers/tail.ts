/**
 * The trigger of a `tail` handler, which hears of other Workers' invocations.
 *
 * A tail Worker that exports spans does so by `fetch`, which invokes no Worker that is tailed,
 * except where the receiver is itself a Worker with this one as its tail: then each export
 * would be an invocation to hear of, and hearing of it an export, for ever. So a batch that
 * tells of exports alone is not traced; it would have told nothing but of our own telemetry.
 */
import { KIND_INTERNAL } from "../../../trace/enums.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { WorkerTrigger } from "./worker-trigger.js";

/** The part of a `TraceItem` that is read. */
export interface TailItem {
  readonly event?: { readonly request?: { readonly url?: string } } | null;
}

/** The path by which OTLP receivers are known. */
const EXPORT_URL = /^[^?#]*\/v1\/traces\/?(?:[?#]|$)/;

export const tailTrigger: WorkerTrigger<readonly TailItem[]> = {
  prepare(items) {
    return items.some(({ event }) => !EXPORT_URL.test(event?.request?.url ?? ""));
  },
  carrier() {
    return undefined;
  },
  root(items) {
    return {
      name: "tail",
      kind: KIND_INTERNAL,
      attributes: { [FAAS_TRIGGER]: "other", "cloudflare.trace.count": items.length },
    };
  },
};
