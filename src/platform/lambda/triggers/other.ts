/** Any event that no other trigger recognises, e.g. a direct invocation. */
import { invoked } from "./invoked.js";
import type { Recognised } from "./lambda-trigger.js";

export const other: Recognised = { root: () => invoked({}) };
