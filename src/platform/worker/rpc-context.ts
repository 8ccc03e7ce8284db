/**
 * How the context of an RPC call reaches an instrumented class: RPC has no headers, and an
 * argument more would be seen by a receiver that expects none. So an instrumented class has one
 * method more, which takes the context and the call, and makes the call within that context.
 * A receiver without it refuses before anything has run.
 */
import type { Carrier } from "../../trace/trigger.js";

/** The name of the method; no application has one of this name by accident. */
export const CONTINUE = "edgespan:continue";

/** What propagators wrote, by name. */
export type Fields = Record<string, string>;

/** The fields of a caller, who is trusted with no more than the sender of a header is. */
export function carrierOf(fields: unknown): Carrier {
  const known = new Map(Object.entries((fields ?? {}) as Record<string, unknown>));
  return {
    get(name) {
      const value = known.get(name);
      return typeof value === "string" ? value : undefined;
    },
    keys() {
      return known.keys();
    },
  };
}

/** What a receiver answers that does not have the method, or not for the method that is called. */
export function unableToContinue(): TypeError {
  return new TypeError(`The RPC receiver does not implement the method "${CONTINUE}".`);
}

/** Whether the receiver refused to continue, so that nothing has run there. */
export function isUnableToContinue(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes(CONTINUE);
}
