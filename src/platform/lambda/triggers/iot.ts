/**
 * IoT: buttons and provisioning hooks. What a rule sends is the message itself, in no shape of
 * its own.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-iot.html
 */
import { EVENT_SOURCE, invoked } from "./invoked.js";
import type { LambdaTrigger } from "./lambda-trigger.js";

interface Event {
  /** Of a button. */
  serialNumber?: string;
  clickType?: string;
  /** Of a provisioning hook. */
  claimCertificateId?: string;
  templateArn?: string;
}

export const iot: LambdaTrigger<Event> = {
  matches: ({ serialNumber, clickType, claimCertificateId, templateArn }) =>
    Boolean((serialNumber && clickType) || (claimCertificateId && templateArn)),
  root: () => invoked({ [EVENT_SOURCE]: "iot" }),
};
