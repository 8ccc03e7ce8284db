/** Step 1, outward: the active context, written into the headers of an outgoing request. */
import type { Context, TextMapPropagator } from "@opentelemetry/api";
import type { Carrier } from "../trace/trigger.js";

/** Where context is written to; the `Headers` of the web platform fit as they are. */
export interface TextCarrier extends Carrier {
  set(name: string, value: string): void;
  delete(name: string): void;
}

/**
 * Writes `context` into `headers`. What a propagator's fields held before belongs to another span,
 * such as a forwarded `tracestate` or `x-b3-parentspanid`, and goes as soon as one of them is
 * written; the caller's own baggage members are kept and win over ours of the same name.
 * @see https://opentelemetry.io/docs/specs/otel/context/api-propagators/#fields
 */
export function injectContext(
  propagator: TextMapPropagator<TextCarrier>,
  context: Context,
  headers: TextCarrier,
): void {
  const stale = propagator.fields().filter((field) => field !== "baggage");
  propagator.inject(context, headers, {
    set(_, name, value) {
      if (name === "baggage") value = mergeBaggage(headers.get(name), value);
      else for (const field of stale.splice(0)) headers.delete(field);
      headers.set(name, value);
    },
  });
}

function mergeBaggage(theirs: string | null | undefined, ours: string): string {
  if (!theirs) return ours;
  const taken = new Set(theirs.split(",").map(memberName));
  return [theirs, ...ours.split(",").filter((one) => !taken.has(memberName(one)))].join(",");
}

function memberName(member: string): string | undefined {
  return member.split("=")[0]?.trim();
}
