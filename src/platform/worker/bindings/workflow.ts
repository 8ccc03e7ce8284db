/** Workflows: a span for each call that creates, finds or steers instances, never their parameters. */
import type { Span } from "@opentelemetry/api";
import { type Fields, seal } from "../../../propagate/envelope.js";
import { type Replacement, replaceMethods } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { calls } from "./calls.js";
import { fieldsFor } from "./envelope-fields.js";
import { nameBinding, traced } from "./traced.js";

const INSTANCE_ID = "cloudflare.workflow.instance.id";

interface Instance {
  readonly id?: string;
}

/** Calls of the binding answer one instance, several, or several and the errors of others. */
type Answer = Instance | readonly Instance[] | { readonly created: readonly Instance[] };

const bindingCall = (operation: string): Replacement =>
  traced(
    ({ binding, args: [asked] }) => ({
      name: `${operation} ${binding ?? "workflow"}`,
      attributes: {
        ...bindingAttributes(binding, "Workflow"),
        [INSTANCE_ID]: typeof asked === "string" ? asked : (asked as Instance | undefined)?.id,
      },
      onResult(span, result) {
        instancesOf(span, result as Answer, binding);
      },
      argsWith(context, tracing) {
        const fields = operation !== "get" && fieldsFor(binding, context, tracing);
        return fields ? [sealed(fields, asked)] : undefined;
      },
    }),
    true,
  );

/** The options of one instance or of several, with the parameters in an envelope. */
function sealed(fields: Fields, asked: unknown): unknown {
  if (Array.isArray(asked)) return asked.map((one) => sealed(fields, one));
  // Without parameters an instance is given an empty object.
  const { params = {}, ...options } = (asked ?? {}) as { params?: unknown };
  return { ...options, params: seal(fields, params) };
}

/** Their class is met with the first of them. */
function instancesOf(span: Span, answer: Answer, binding = "workflow"): void {
  const { created = answer } = answer as { created?: Answer };
  const instances = [created].flat() as Instance[];
  if (Array.isArray(created))
    span.setAttribute("cloudflare.workflow.instance.count", created.length);
  else span.setAttribute(INSTANCE_ID, (created as Instance).id);
  for (const instance of instances) {
    nameBinding(instance, binding);
    replaceMethods(instance, INSTANCE);
  }
}

/** What the platform's own code calls on an instance that nobody was given yet is no call to tell of. */
const instanceCall = (operation: string): Replacement =>
  traced(({ binding, target, args: [event] }) =>
    binding === undefined
      ? undefined
      : {
          name: `${operation} ${binding}`,
          attributes: {
            ...bindingAttributes(binding, "Workflow"),
            [INSTANCE_ID]: (target as Instance).id,
            "cloudflare.workflow.event.type": (event as { type?: string } | undefined)?.type,
          },
        },
  );

const INSTANCE: Readonly<Record<string, Replacement>> = calls(instanceCall, [
  "pause",
  "resume",
  "terminate",
  "restart",
  "delete",
  "status",
  "sendEvent",
]);

export const WORKFLOW: Readonly<Record<string, Replacement>> = calls(bindingCall, [
  "create",
  "createBatch",
  "get",
]);
