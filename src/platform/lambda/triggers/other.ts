/** Any event that no other trigger recognises, e.g. a direct invocation. */
import { KIND_SERVER } from "../../../trace/enums.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { Trigger } from "../../../trace/trigger.js";

export const other: Trigger<unknown> = {
  carrier: () => undefined,
  root: () => ({
    name: process.env.AWS_LAMBDA_FUNCTION_NAME ?? "invoke",
    kind: KIND_SERVER,
    attributes: { [FAAS_TRIGGER]: "other" },
  }),
};
