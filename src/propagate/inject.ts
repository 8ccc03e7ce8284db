/** Step 1, outward: the active context, written into the headers of an outgoing request. */
import type { Context, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import type { Carrier } from "../trace/trigger.js";

/** Where context is written to; the `Headers` of the web platform fit as they are. */
export interface TextCarrier extends Carrier {
  set(name: string, value: string): void;
  delete(name: string): void;
}

const setter: TextMapSetter<TextCarrier> = {
  set(headers, name, value) {
    headers.set(name, name === "baggage" ? mergeBaggage(headers.get(name), value) : value);
  },
};

/**
 * Writes `context` into `headers`. A `tracestate` that the caller forwarded belongs to
 * another `traceparent` and is replaced with it; the caller's own baggage members are
 * kept and win over ours of the same name.
 * @see https://www.w3.org/TR/trace-context/#mutating-the-tracestate-field
 */
export function injectContext(
  propagator: TextMapPropagator<TextCarrier>,
  context: Context,
  headers: TextCarrier,
): void {
  const before = headers.get("traceparent");
  const tracestate = headers.get("tracestate");
  headers.delete("tracestate");
  propagator.inject(context, headers, setter);
  // Nothing was written: leave the caller's own context as it was.
  if (tracestate != null && headers.get("traceparent") === before)
    headers.set("tracestate", tracestate);
}

function mergeBaggage(theirs: string | null | undefined, ours: string): string {
  if (!theirs) return ours;
  const taken = new Set(theirs.split(",").map(memberName));
  const added = ours.split(",").filter((member) => !taken.has(memberName(member)));
  return [theirs, ...added].join(",");
}

function memberName(member: string): string {
  return (member.split("=", 1)[0] ?? "").trim();
}
