/**
 * The W3C Baggage propagator.
 * @see https://www.w3.org/TR/baggage/
 */
import {
  type BaggageEntry,
  type TextMapPropagator,
  baggageEntryMetadataFromString,
  propagation,
} from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";

/** The limits that the recommendation asks every platform to carry, and the SDK's. */
const MAX_MEMBERS = 180;
const MAX_BYTES = 8192;

export const baggagePropagator: TextMapPropagator<unknown> = {
  inject(context, carrier, setter) {
    const baggage = propagation.getBaggage(context);
    if (!baggage || isTracingSuppressed(context)) return;
    const header = joined(
      baggage
        .getAllEntries()
        .slice(0, MAX_MEMBERS)
        .map(([key, { value, metadata }]) => {
          const member = `${encodeURIComponent(key)}=${encodeURIComponent(value)}`;
          return metadata ? `${member};${metadata.toString()}` : member;
        }),
    );
    if (header) setter.set(carrier, "baggage", header);
  },
  extract(context, carrier, getter) {
    const values = getter.get(carrier, "baggage");
    if (!values) return context;
    const header = (Array.isArray(values) ? values.join(",") : values).slice(0, MAX_BYTES + 1);
    // A member that the cut may have shortened is left out.
    const whole =
      header.length > MAX_BYTES ? header.slice(0, Math.max(0, header.lastIndexOf(","))) : header;
    const entries = whole.split(",", MAX_MEMBERS).flatMap(memberOf);
    if (entries.length === 0) return context;
    const baggage = propagation.createBaggage(Object.fromEntries(entries));
    return propagation.setBaggage(context, baggage);
  },
  fields() {
    return ["baggage"];
  },
};

function memberOf(text: string): [string, BaggageEntry][] {
  const [pair = "", ...properties] = text.split(";");
  const split = pair.indexOf("=");
  const metadata = properties.join(";");
  try {
    const key = decodeURIComponent(pair.slice(0, split).trim());
    const value = decodeURIComponent(pair.slice(split + 1).trim());
    if (split < 1 || !key || !value) return [];
    const entry = metadata
      ? { value, metadata: baggageEntryMetadataFromString(metadata) }
      : { value };
    return [[key, entry]];
  } catch {
    return [];
  }
}

/** Whole members only, as many as fit. */
function joined(members: readonly string[]): string {
  return members.reduce((header, member) => {
    const longer = header ? `${header},${member}` : member;
    return longer.length > MAX_BYTES ? header : longer;
  }, "");
}
