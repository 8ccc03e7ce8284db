/** `instrumentWorkflow()`: the runs of a Workflow and their steps. */
import { CLOUDFLARE_ENTRYPOINT } from "../../trace/semconv.js";
import type { WorkerOptions } from "./create-runtimes.js";
import {
  type ClassKind,
  type EntrypointClass,
  type EnvOfClass,
  traceClass,
} from "./trace-class.js";
import { traceSteps } from "./trace-steps.js";
import { workflowTrigger } from "./triggers/workflow.js";

const WORKFLOW: ClassKind = {
  caller: "instrumentWorkflow",
  handlers: {
    run({ args: [event, step] }) {
      traceSteps(step);
      return { trigger: workflowTrigger, event, isAwaited: true };
    },
  },
  attributesOf(className) {
    return { [CLOUDFLARE_ENTRYPOINT]: className };
  },
};

/**
 * Instruments a class that extends `WorkflowEntrypoint`: each run becomes a span, and so does
 * each attempt of a step; a step that is answered from storage does not. All runs of an
 * instance share a trace, which continues that of `params.traceparent` where there is one.
 *
 * @param Class the class; what is answered inherits from it and is to be exported in its place
 * @param options options, or a function of `env` that returns them; default all from `OTEL_*` variables in `env`
 * @throws ConfigError at the first run, where wrong configuration is met outside of production
 */
export function instrumentWorkflow<Class extends EntrypointClass>(
  Class: Class,
  options?: WorkerOptions<EnvOfClass<Class>>,
): Class {
  return traceClass(Class, options, WORKFLOW);
}
