/** The trigger of an `email` handler. Addresses and subjects are personal: none is recorded. */
import { KIND_SERVER } from "../../../trace/enums.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import type { Trigger } from "../../../trace/trigger.js";

/** The part of a `ForwardableEmailMessage` that is told. */
export interface EmailMessage {
  /** In bytes. */
  readonly rawSize: number;
}

/** A SERVER span: while it lasts the sending mail server waits to hear whether the mail is taken. */
export const emailTrigger: Trigger<EmailMessage> = {
  carrier() {
    return undefined;
  },
  root({ rawSize }) {
    return {
      name: "email",
      kind: KIND_SERVER,
      attributes: { [FAAS_TRIGGER]: "other", "cloudflare.email.size": rawSize },
    };
  },
};
