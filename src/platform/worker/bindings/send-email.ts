/** Email: a span for each message that is sent, without addresses, which are personal, or text. */
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { traced } from "./traced.js";

export const SEND_EMAIL: Readonly<Record<string, Replacement>> = {
  send: traced(({ binding }) => ({
    name: `send ${binding ?? "send_email"}`,
    attributes: bindingAttributes(binding, "SendEmail"),
  })),
};
