/**
 * X-Ray's trace header, as in `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`.
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
import type { Carrier } from "../../trace/trigger.js";
import { carrierOf } from "./triggers/carriers.js";

const ROOT = /Root=(1-([\da-f]{8})-([\da-f]{24}))/;
const PARENT = /Parent=([\da-f]{16})/;

/** X-Ray's own name of a trace, e.g. to find it in its console. */
export function xrayTraceId(header: unknown): string | undefined {
  return ROOT.exec(header as string)?.[1];
}

/**
 * The segment that a header names, as W3C and as X-Ray write it, whichever is read. Of one that X-Ray did not sample, which is
 * what Lambda passes on wherever X-Ray is off, nobody ever hears.
 */
export function xrayCarrier(header: unknown): Carrier | undefined {
  const [, , time, unique] = ROOT.exec(header as string) ?? [];
  const [, parent] = PARENT.exec(header as string) ?? [];
  return time && parent && /Sampled=1/.test(header as string)
    ? carrierOf({ traceparent: `00-${time}${unique}-${parent}-01`, "x-amzn-trace-id": header })
    : undefined;
}
