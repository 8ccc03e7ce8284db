/** The trigger of a Workflow's `run`: an instance that starts, wakes up or is restarted. */
import { KIND_INTERNAL } from "../../../trace/enums.js";
import { open } from "../../../propagate/envelope.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { Carrier } from "../../../trace/trigger.js";
import { traceIdOf } from "../trace-id-of.js";
import type { WorkerTrigger } from "./worker-trigger.js";

/** The part of a `WorkflowEvent` that is told. */
export interface WorkflowRun {
  readonly workflowName: string;
  readonly instanceId: string;
  readonly payload?: unknown;
}

/** What came in the envelopes of runs, which are given their parameters alone. */
const opened = new WeakMap<WorkflowRun, Carrier>();

/**
 * All runs of an instance are one trace. Nothing travels from `create()` to `run` but the
 * parameters, so the trace continues the creator's only where they came in an envelope, or hold
 * a `traceparent` of the application's; otherwise its id follows from the names, in whichever
 * isolate the instance wakes up. An instance sleeps by being ended, so its spans leave while it
 * runs.
 */
export const workflowTrigger: WorkerTrigger<WorkflowRun> = {
  leavesEarly: true,
  prepare(event) {
    const sealed = open(event.payload);
    if (!sealed) return true;
    opened.set(event, carrierOf(sealed.fields));
    const property = Reflect.getOwnPropertyDescriptor(event, "payload");
    Object.defineProperty(event, "payload", { ...property, value: sealed.body });
    return true;
  },
  carrier(event) {
    const { payload } = event;
    const held = payload as Record<string, unknown> | null | undefined;
    return (
      opened.get(event) ?? (typeof held?.traceparent === "string" ? carrierOf(held) : undefined)
    );
  },
  traceId({ workflowName, instanceId }) {
    return traceIdOf(`${workflowName}/${instanceId}`);
  },
  root({ workflowName, instanceId }) {
    return {
      name: `run ${workflowName}`,
      kind: KIND_INTERNAL,
      attributes: {
        [FAAS_TRIGGER]: "other",
        "cloudflare.workflow.name": workflowName,
        "cloudflare.workflow.instance.id": instanceId,
      },
    };
  },
};

function carrierOf(held: Readonly<Record<string, unknown>>): Carrier {
  return {
    get(name) {
      const value = held[name];
      return typeof value === "string" ? value : undefined;
    },
    keys() {
      return Object.keys(held);
    },
  };
}
